import { expect, test } from 'vitest'
import { calmDisorder, makeDeliveries } from './deliveries.ts'
import type { Disorder } from './deliveries.ts'
import { makeSeededRandom } from './seeded-random.ts'

type Sent = { readonly body: string; readonly token: string | null }

const rig = (disorder: Partial<Disorder>, failures = 0) => {
  const sent: Sent[] = []
  let signed = 0
  let failing = failures
  const deliveries = makeDeliveries({
    fetch: (_url, init) => {
      if (failing > 0) {
        failing -= 1
        return Promise.reject(new TypeError('connection refused'))
      }
      const token = new Headers(init?.headers).get('authorization')
      sent.push({ body: typeof init?.body === 'string' ? init.body : '', token })
      return Promise.resolve(new Response('{}'))
    },
    random: makeSeededRandom(7),
    // As many turns as milliseconds: later waits end later, and no clock runs.
    wait: async (ms) => {
      for (let turn = 0; turn < ms; turn += 1) await Promise.resolve()
    },
    disorder: { ...calmDisorder, ...disorder },
    signal: new AbortController().signal,
  })
  const send = (body: string): void =>
    deliveries.send({
      key: 'one',
      url: 'http://gateway/',
      body,
      headers: () => ({ authorization: `token ${String((signed += 1))}` }),
    })
  return { deliveries, send, sent }
}

test('posts of one record leave in their order', async () => {
  const { deliveries, send, sent } = rig({ delayMs: [0, 50] })
  for (let at = 0; at < 20; at += 1) send(String(at))
  await deliveries.whenQuiet()
  expect(sent.map(({ body }) => body)).toEqual(Array.from({ length: 20 }, (_, at) => String(at)))
})

test('a duplicate is the same POST, a re-signed one has a new token', async () => {
  const { deliveries, send, sent } = rig({ duplicates: 1, resigned: 1 })
  send('x')
  await deliveries.whenQuiet()
  expect(sent.map(({ token }) => token)).toEqual(['token 1', 'token 1', 'token 2'])
})

test('a broken connection is tried again with a new token, and given up after the last retry', async () => {
  const healed = rig({ retries: 2 }, 2)
  healed.send('x')
  await healed.deliveries.whenQuiet()
  expect(healed.sent).toEqual([{ body: 'x', token: 'token 3' }])
  const dead = rig({ retries: 2 }, 99)
  dead.send('x')
  await dead.deliveries.whenQuiet()
  expect(dead.deliveries.counts()).toMatchObject({ sent: 0, failed: 1 })
})

test('drops and reordering are shares of what is sent', async () => {
  const { deliveries, send, sent } = rig({ drops: 0.3, reorder: 0.5, delayMs: [0, 10] })
  for (let at = 0; at < 100; at += 1) send(String(at).padStart(3, '0'))
  await deliveries.whenQuiet()
  const { dropped } = deliveries.counts()
  expect(dropped).toBeGreaterThan(10)
  expect(sent.length + dropped).toBe(100)
  const bodies = sent.map(({ body }) => body)
  expect(bodies).not.toEqual([...bodies].sort())
})

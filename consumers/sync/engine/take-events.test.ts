import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { test } from 'vitest'
import type { Handed } from '../../../event-log/event-log.ts'
import { kindDefinitions } from '../kinds/kinds.ts'
import { settleKind } from '../kinds/settle-kind.ts'
import { makeTakeEvents } from './take-events.ts'

const [organisation] = kindDefinitions
assert.ok(organisation)
const kind = settleKind(organisation)
const quiet = () => undefined

/** What the log hands out is looked up in the state, whose answers come when the test says so. */
function open() {
  const added: string[] = []
  const looks: { readonly answer: () => void; readonly fail: () => void }[] = []
  const take = makeTakeEvents({
    kinds: [kind],
    store: {
      read: () => Promise.resolve([]),
      write: () => Promise.resolve([]),
      exclusively: (_, work) => work(new AbortController().signal),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    },
    pairs: {
      byRecords: () => Promise.resolve([]),
      count: () => Promise.resolve({ pairs: 0, apart: 0 }),
    },
    parked: {
      byRecords: () =>
        new Promise((resolve, reject) => {
          const fail = () => reject(new Error('The state is away'))
          looks.push({ answer: () => resolve([]), fail })
        }),
      count: () => Promise.resolve(0),
    },
    parking: {
      park: () => Promise.reject(new Error('Nothing is parked here')),
      join: () => Promise.resolve(false),
      release: () => Promise.resolve(),
    },
    add: ({ hint }) => void added.push(...hint.events.map(({ id }) => id)),
    publish: () => Promise.resolve(),
    newOutcomeId: () => 'outcome',
    now: () => 0,
    companyMs: () => 20,
    wait: () => turn(undefined),
    signals: { hintsTaken: quiet, consumerFailed: quiet },
  })
  return { take, added, looks }
}

function handed(id: string, partition: number): Handed {
  const event = {
    ...{ specversion: '1.0', id, source: '/outreach', type: 'outreach.account.updated' },
    ...{ origin: 'webhook', time: '2026-01-01T00:00:00Z' },
    data: {
      ...{ action: 'updated', record: { type: 'account', id: '4101' } },
      ...{ changed: { name: id }, before: {}, links: {} },
    },
  }
  return {
    topic: 'outreach.account',
    key: 'outreach:account:4101',
    value: Buffer.from(JSON.stringify(event)),
    at: { topic: 'outreach.account', partition, offset: 0n },
    keptAt: 0,
    done: quiet,
  }
}

const { signal: owned } = new AbortController()

async function answerAll({ looks }: ReturnType<typeof open>): Promise<void> {
  for (const look of looks) look.answer()
  await turn()
  await turn()
}

test('what is looked up faster does not overtake earlier events of its partition', async () => {
  const opened = open()
  const { take, added, looks } = opened
  take([handed('first', 0)], owned)
  take([handed('second', 0)], owned)
  await turn()
  // Whichever look there is besides the first one is answered before it.
  for (const look of looks.slice(1)) look.answer()
  await turn()
  assert.deepEqual(added, [])
  await answerAll(opened)
  await answerAll(opened)
  assert.deepEqual(added, ['first', 'second'])
})

test('nor do they while the state is away', async () => {
  const opened = open()
  const { take, added, looks } = opened
  take([handed('first', 0)], owned)
  await turn()
  looks[0]?.fail()
  take([handed('second', 0)], owned)
  for (let look = 0; look < 4; look += 1) await answerAll(opened)
  assert.deepEqual(added, ['first', 'second'])
})

test('another partition waits for nobody, nor does one whose earlier events are lost', async () => {
  const opened = open()
  const { take, added, looks } = opened
  const lost = new AbortController()
  take([handed('first', 0)], lost.signal)
  take([handed('elsewhere', 1)], owned)
  await turn()
  looks[1]?.answer()
  await turn()
  assert.deepEqual(added, ['elsewhere'])
  lost.abort()
  take([handed('again', 0)], owned)
  for (let look = 0; look < 4; look += 1) await answerAll(opened)
  assert.deepEqual(added, ['elsewhere', 'again'])
})

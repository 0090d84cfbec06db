import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'vitest'
import { Refused, SystemAway } from '../../clients/errors.ts'
import type { OutreachRecord } from '../../clients/outreach/outreach-client.ts'
import { armWebhooks, webhookResources } from './arm-webhooks.ts'

const url = 'https://us.test/webhooks/outreach'
const hashOf = (secret: string) => createHash('sha256').update(secret).digest('hex')

function aWorld(
  standing: readonly Readonly<Record<string, unknown>>[],
  fails: (resource: unknown) => Error | undefined = () => undefined,
) {
  const told: string[] = []
  const stored: { hash: string | undefined } = { hash: hashOf('new') }
  const toRecord = (attributes: Readonly<Record<string, unknown>>, at: number): OutreachRecord => ({
    type: 'webhook',
    id: String(at + 1),
    attributes: { url, action: '*', ...attributes },
    links: {},
    readAt: 0,
  })
  const records = standing.map(toRecord)
  const outreach: Parameters<typeof armWebhooks>[0]['outreach'] = {
    search: () => Promise.resolve(records),
    create: (_, { attributes }) => {
      const error = fails(attributes['resource'])
      if (error !== undefined) return Promise.reject(error)
      told.push(`made ${String(attributes['resource'])}`)
      return Promise.resolve(toRecord(attributes, 0))
    },
    update: ({ id }, { attributes }) => {
      const error = fails(id)
      if (error !== undefined) return Promise.reject(error)
      told.push(`${id} ${JSON.stringify(attributes)}`)
      return Promise.resolve(toRecord(attributes, 0))
    },
  }
  const secretHashes = {
    read: () => Promise.resolve(stored.hash),
    write: (hash: string) => {
      stored.hash = hash
      return Promise.resolve()
    },
  }
  const lost = new AbortController()
  const held = lost.signal
  const arm = () => armWebhooks({ outreach, url, secret: 'new', secretHashes, now: () => 0, held })
  return { arm, told, stored, lose: () => lost.abort() }
}

const awake = webhookResources.map((resource) => ({ resource, active: true }))
const refusal = new Refused('outreach: no', { system: 'outreach', status: 422 })

test('what is missing is made, and one that is refused does not stop the others', async () => {
  const { arm } = aWorld([], (resource) => (resource === 'call' ? refusal : undefined))
  const armed = await arm()
  assert.deepEqual(
    armed.made,
    webhookResources.filter((resource) => resource !== 'call'),
  )
  assert.deepEqual(armed.refused, [{ resource: 'call', why: 'outreach: no' }])
})

test('who is no longer alone at it makes no more', async () => {
  const { arm, told, lose } = aWorld([], (resource) => {
    if (resource === 'call') lose()
    return undefined
  })
  await assert.rejects(arm(), { name: 'AbortError' })
  assert.deepEqual(told, ['made account', 'made call'])
})

test('an Outreach that is away ends the round', async () => {
  const away = new SystemAway('away', { system: 'outreach', status: 429 })
  const { arm, told } = aWorld([], (resource) => (resource === 'call' ? away : undefined))
  await assert.rejects(arm(), SystemAway)
  assert.deepEqual(told, ['made account'])
})

test('of two for one resource nothing is woken while one is awake, and else one', async () => {
  const asleep = { resource: 'account', active: false }
  const one = aWorld([asleep, ...awake])
  await one.arm()
  assert.deepEqual(one.told, [])
  const both = aWorld([asleep, asleep, ...awake.slice(1)])
  assert.deepEqual((await both.arm()).rearmed, ['account'])
  assert.deepEqual(both.told, ['1 {"active":true,"secret":"new"}'])
})

test('a rotated secret is given once to all that are awake, and not to a stranger', async () => {
  const { arm, told, stored } = aWorld([...awake, { resource: 'task', url: 'https://them.test' }])
  stored.hash = hashOf('old')
  assert.deepEqual((await arm()).resecreted, webhookResources)
  assert.equal(told.length, webhookResources.length)
  assert.equal(told[0], '1 {"secret":"new"}')
  assert.equal(stored.hash, hashOf('new'))
  assert.deepEqual((await arm()).resecreted, [])
})

test('a secret that one of them did not take is given again', async () => {
  const { arm, stored } = aWorld(awake, (id) => (id === '2' ? refusal : undefined))
  stored.hash = undefined
  assert.deepEqual((await arm()).refused, [{ resource: 'call', why: 'outreach: no' }])
  assert.equal(stored.hash, undefined)
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { Status } from '../ops/status.ts'
import {
  accountsNamed,
  anHourAgo,
  createAccount,
  organisations,
  renameAccount,
  type Systems,
} from './records.ts'
import { startHouse, type House } from './start-house.ts'

type Backfill = Status['backfills'][number]

/** A house after years of Outreach without Workbooks. */
async function startWithOldAccounts(count: number): Promise<House> {
  const before = (systems: Systems) =>
    anHourAgo(systems, () => {
      for (let index = 0; index < count; index += 1) {
        createAccount(systems, { name: `Acme ${index}`, industry: 'Food' })
      }
      // Unnamed accounts are made by Outreach itself, and are nobody's wish.
      createAccount(systems, { name: 'unnamed.example', named: false })
    })
  const house = await startHouse({ before })
  await house.settled()
  return house
}

async function order(house: House, body: Readonly<Record<string, unknown>>): Promise<Backfill> {
  const response = await house.ops('POST', '/ops/backfills', body)
  assert.equal(response.status, 202)
  // Our own answer, in the form of product 6.
  return (await response.json()) as Backfill
}

async function newest(house: House): Promise<Backfill> {
  const response = await house.ops('GET', '/ops/backfills')
  const { backfills } = (await response.json()) as { backfills: readonly Backfill[] }
  const [first] = backfills
  assert.ok(first)
  return first
}

const names = (house: House) => organisations(house).map(({ name }) => String(name))

test('a plan says how many records, how many calls and how long, and begins nothing', async () => {
  await using house = await startWithOldAccounts(30)
  house.outreach.calls.reset()
  const plan = await order(house, { kind: 'organisation', plan: true })
  assert.deepEqual(
    { state: plan.state, records: plan.records, done: plan.done, calls: plan.calls },
    { state: 'planned', records: 30, done: 0, calls: 7 },
  )
  assert.ok(plan.secondsLeft !== null && plan.secondsLeft > 0)
  await house.settled()
  assert.deepEqual(names(house), [])
  assert.deepEqual(Object.values(house.outreach.calls.counts()), [1])
})

test('a backfill brings what is older than first connection, once, and in few calls', async () => {
  await using house = await startWithOldAccounts(230)
  house.outreach.calls.reset()
  await order(house, { kind: 'organisation' })
  await house.settled()
  assert.equal(names(house).length, 230)
  assert.equal(new Set(names(house)).size, 230)
  const { state, records, done, secondsLeft } = await newest(house)
  assert.deepEqual(
    { state, records, done, secondsLeft },
    { state: 'done', records: 230, done: 230, secondsLeft: 0 },
  )
  const lists = house.outreach.calls.counts()['GET accounts'] ?? 0
  // Over several consumers each reads what it was handed, in smaller lots.
  const most = house.consumers === 1 ? 15 : 115
  assert.ok(lists > 0 && lists <= most, JSON.stringify(house.outreach.calls.counts()))

  // Asked for again: they are linked, and nothing is asked of them.
  const before = (await house.events('sync.request')).length
  await order(house, { kind: 'organisation' })
  await house.settled()
  assert.equal((await house.events('sync.request')).length, before)
  assert.equal(names(house).length, 230)
})

test('its calls are counted in the lowest lane', async () => {
  await using house = await startWithOldAccounts(5)
  await order(house, { kind: 'organisation' })
  await house.settled()
  // Of several processes, each counts its own: this is asked of the one that does all.
  if (house.consumers > 1) return
  const metrics = await (await fetch(`${house.opsUrl()}/metrics`)).text()
  const lanes = [...metrics.matchAll(/calls_total\{[^}]*lane="(\w+)"[^}]*\} (\d+)/g)]
  assert.ok(
    lanes.some(([, lane]) => lane === 'backfill'),
    metrics.slice(0, 2_000),
  )
})

test('one of a kind at a time; a stopped one makes room, and leaves what it brought', async () => {
  await using house = await startWithOldAccounts(3)
  await house.ops('POST', '/ops/pause', { what: 'outreach' })
  const first = await house.ops('POST', '/ops/backfills', { kind: 'organisation' })
  assert.equal(first.status, 202)
  const second = await house.ops('POST', '/ops/backfills', { kind: 'organisation' })
  assert.equal(second.status, 400)
  assert.match(await second.text(), /A backfill of organisation is under way/)
  await house.ops('DELETE', '/ops/backfills/organisation')
  assert.equal((await newest(house)).state, 'stopped')
  await house.ops('POST', '/ops/resume', { what: 'outreach' })
  await order(house, { kind: 'organisation' })
  await house.settled()
  assert.equal(names(house).length, 3)
})

test('a record that changes meanwhile is brought as it is then, once', async () => {
  await using house = await startWithOldAccounts(20)
  const [some] = accountsNamed(house, 'Acme 7')
  assert.ok(some !== undefined)
  const ordered = order(house, { kind: 'organisation' })
  renameAccount(house, some, 'Acme renamed')
  await ordered
  await house.settled()
  assert.equal(names(house).length, 20)
  assert.ok(names(house).includes('Acme renamed'))
})

test('an order that nobody began goes on after a restart', async () => {
  await using house = await startWithOldAccounts(300)
  await order(house, { kind: 'organisation' })
  await house.restart()
  await house.settled()
  assert.equal(new Set(names(house)).size, 300)
  assert.equal(names(house).length, 300)
  assert.equal((await newest(house)).state, 'done')
})

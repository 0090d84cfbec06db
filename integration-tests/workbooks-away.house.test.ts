import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import type { Fault } from '../sandbox/workbooks/faults.ts'
import { statusOfKind, statusOfSystem, until } from './operators.ts'
import {
  account,
  createAccount,
  createOrganisation,
  createPair,
  editAccount,
  newestOutcome,
  organisation,
  organisations,
  outreachIdOf,
  renameOrganisation,
  resetCalls,
  writesOf,
} from './records.ts'
import { startHouse, type House } from './start-house.ts'

const flag = 'cf_organisation_outreach_sync_error'
const path = 'crm/organisations'

async function assertNothingLost(house: House): Promise<void> {
  const { enabled, flagged, parked } = await statusOfKind(house)
  assert.deepEqual({ enabled, flagged, parked }, { enabled: true, flagged: 0, parked: 0 })
  for (const row of organisations(house)) assert.equal(row[flag], false)
  assert.equal((await statusOfSystem(house, 'workbooks')).circuit, 'closed')
}

const faults: readonly Fault[] = [
  { write: true, how: 'delay', hops: 1, ms: 50 },
  { write: true, how: 'delay', hops: 4, ms: 20 },
  { write: true, how: 'delay-dropping-body', hops: 3, ms: 20 },
  { write: true, how: 'dead-session' },
  { write: true, how: '500' },
  { write: true, how: 'reset-before' },
  { write: false, how: 'delay', hops: 3, ms: 20 },
  { write: false, how: 'delay-dropping-body', hops: 1, ms: 50 },
  { write: false, how: '500' },
  // A read whose connection breaks is asked again at once.
  { write: false, how: 'reset-before', count: 2 },
]

describe('what passes flags no record and loses nothing', () => {
  for (const fault of faults) {
    const { write, how, hops } = fault
    const through = hops === undefined ? '' : ` of ${hops} hops`
    test.concurrent(
      `Workbooks answers a ${write ? 'write' : 'read'} with ${how}${through}`,
      async () => {
        await using house = await startHouse()
        const { w, o } = await createPair(house, { name: 'Acme' })
        resetCalls(house)
        house.workbooks.faults.failNext({ ...fault, path })
        editAccount(house, o, { name: 'Acme plc' })
        await until('the edit has arrived', () => organisation(house, w)['name'] === 'Acme plc')
        await house.settled()
        await assertNothingLost(house)
        const told = await house.outcomes(`outreach:account:${o}`)
        assert.ok(!told.some(({ outcome }) => outcome === 'failed' || outcome === 'conflict'))
        assert.equal(writesOf(house).outreach, 0)
      },
    )
  }
})

test('a create that Workbooks delays by redirects, its body dropped on the way, is made once', async () => {
  await using house = await startHouse()
  house.workbooks.faults.failNext({
    how: 'delay-dropping-body',
    hops: 2,
    ms: 20,
    path,
    write: true,
  })
  const o = createAccount(house, { name: 'Acme' })
  await house.settled()
  assert.deepEqual(
    organisations(house).map(({ cf_organisation_outreach_id: id }) => id),
    [String(o)],
  )
})

test('a database that is being migrated is asked again later: no flag, a reason in "ops status", and nothing is lost', async () => {
  await using house = await startHouse()
  const { w, o } = await createPair(house, { name: 'Acme' })
  house.workbooks.faults.failNext({ how: '403', path })
  editAccount(house, o, { name: 'Acme plc' })
  await until('Workbooks is paused', async () => {
    const { pausedUntil, reason } = await statusOfSystem(house, 'workbooks')
    return pausedUntil !== null && /database_being_migrated/.test(reason ?? '')
  })
  assert.equal(organisation(house, w)[flag], false)
  assert.deepEqual((await statusOfKind(house)).flagged, 0)

  // A wait that several processes share outlives each of them.
  if (house.consumers > 1) return
  // It would be asked again in a minute; a new process asks at once.
  await house.restart()
  await house.settled()
  assert.equal(organisation(house, w)['name'], 'Acme plc')
  await assertNothingLost(house)
})

test.each([true, '500'] as const)(
  'Workbooks unavailable (%s): the circuit opens, and the edits of both sides arrive once it is back',
  async (unavailable) => {
    await using house = await startHouse()
    const pairs: { readonly w: number; readonly o: number }[] = []
    for (let index = 0; index < 6; index += 1) {
      pairs.push(await createPair(house, { name: `Acme ${index}` }))
    }
    house.workbooks.faults.set({ unavailable })
    for (const { o } of pairs) {
      editAccount(house, o, { name: `New ${o}` })
      await until('the edit was looked at', async () => {
        const { circuit } = await statusOfSystem(house, 'workbooks')
        const { outcome } = await newestOutcome(house, `outreach:account:${o}`)
        return circuit !== 'closed' || outcome === 'parked'
      })
    }
    const [first] = pairs
    assert.ok(first)
    renameOrganisation(house, first.w, 'Ours')
    const created = createOrganisation(house, { name: 'Created meanwhile' })
    await until('the circuit is open', async () => {
      return (await statusOfSystem(house, 'workbooks')).circuit === 'open'
    })

    house.workbooks.faults.clear()
    await until('everything has arrived', () => {
      const isNamed = pairs
        .slice(1)
        .every(({ w, o }) => organisation(house, w)['name'] === `New ${o}`)
      return isNamed && outreachIdOf(house, created) !== undefined
    })
    await house.settled()
    assert.equal(organisation(house, first.w)['name'], account(house, first.o)['name'])
    await assertNothingLost(house)
  },
)

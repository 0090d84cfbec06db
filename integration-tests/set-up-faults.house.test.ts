import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { resume, statusOfKind, until } from './operators.ts'
import {
  account,
  addCustomColumn,
  createOrganisation,
  createPair,
  editAccount,
  newestOutcome,
  organisation,
  outreachIdOf,
  renameOrganisation,
} from './records.ts'
import { startHouse, type House } from './start-house.ts'

const flag = 'cf_organisation_outreach_sync_error'

/** The kind stands still and says what to mend; nothing is flagged, and what comes meanwhile waits. */
async function assertPaused(house: House, w: number, mend: RegExp): Promise<void> {
  const { enabled, reason, flagged, parked } = await statusOfKind(house)
  assert.deepEqual({ enabled, flagged }, { enabled: false, flagged: 0 })
  assert.match(reason ?? '', mend)
  assert.ok(parked >= 1, 'what was in hand waits')
  assert.equal(organisation(house, w)[flag], false)
  const told = await house.outcomes(`workbooks:organisation:${w}`)
  assert.deepEqual(
    told.filter(({ outcome }) => outcome === 'failed'),
    [],
  )
  const logged = house.logged().split('\n')
  assert.ok(
    logged.some((line) => line.includes('organisation') && mend.test(line)),
    'the log says it as well',
  )
}

async function assertGoesOn(house: House): Promise<void> {
  await house.settled()
  // Another consumer may not have known yet that the kind goes on, and looks again within a second.
  await until('nothing is parked', async () => (await statusOfKind(house)).parked === 0)
  await house.settled()
  const { enabled, reason, parked, flagged } = await statusOfKind(house)
  assert.deepEqual(
    { enabled, reason, parked, flagged },
    { enabled: true, reason: null, parked: 0, flagged: 0 },
  )
}

describe('a set-up fault flags no record, pauses the kind with a sentence in "ops status", and it goes on by itself afterwards', () => {
  // The product asks again after five seconds: each has a house of its own, and they wait together.
  test.concurrent.each([
    { how: '403-scope', mend: /accounts\.write/ },
    { how: '400', mend: /400: The request is not what this endpoint takes/ },
    { how: '415', mend: /415: Expected Content-Type/ },
    { how: '404-route', mend: /OUTREACH_API_URL/ },
  ] as const)('Outreach answers a PATCH with $how', async ({ how, mend }) => {
    await using house = await startHouse()
    const one = await createPair(house, { name: 'One' })
    const two = await createPair(house, { name: 'Two' })
    house.outreach.faults.failNext({ method: 'PATCH', how })
    renameOrganisation(house, one.w, 'One more')
    await house.settled()
    await assertPaused(house, one.w, mend)

    renameOrganisation(house, two.w, 'Two more')
    await house.settled()
    assert.equal(account(house, two.o)['name'], 'Two')
    assert.equal((await statusOfKind(house)).parked, 2)

    await until('the kind goes on', async () => (await statusOfKind(house)).enabled)
    await until('what waited is done', () => account(house, two.o)['name'] === 'Two more')
    assert.equal(account(house, one.o)['name'], 'One more')
    await assertGoesOn(house)
  })

  test.concurrent.each([
    { how: '403-rights', write: true, mend: /no_permission_for_api.*WORKBOOKS_API_KEY/ },
    { how: '404', write: false, mend: /crm\/organisations.*right to it/ },
  ] as const)('Workbooks answers $how (a write: $write)', async ({ how, write, mend }) => {
    await using house = await startHouse()
    const { w, o } = await createPair(house, { name: 'Acme' })
    house.workbooks.faults.failNext({ path: 'crm/organisations', write, how })
    editAccount(house, o, { name: 'Acme plc' })
    await house.settled()
    await assertPaused(house, w, mend)

    await until('what waited is done', () => organisation(house, w)['name'] === 'Acme plc')
    await assertGoesOn(house)
  })

  test.concurrent('"ops resume" need not wait for that', async () => {
    await using house = await startHouse()
    const { w, o } = await createPair(house, { name: 'Acme' })
    house.outreach.faults.failNext({ method: 'PATCH', how: '403-scope' })
    renameOrganisation(house, w, 'Acme Ltd')
    await house.settled()
    assert.equal((await statusOfKind(house)).enabled, false)
    const before = Date.now()
    await resume(house, 'organisation')
    await house.settled()
    assert.equal(account(house, o)['name'], 'Acme Ltd')
    assert.ok(Date.now() - before < 4_000)
    await assertGoesOn(house)
  })

  test.concurrent('the pause outlives a restart, and so does what waits behind it', async () => {
    await using house = await startHouse()
    const { w, o } = await createPair(house, { name: 'Acme' })
    house.outreach.faults.failNext({ method: 'PATCH', how: '415' })
    renameOrganisation(house, w, 'Acme Ltd')
    await house.settled()
    await house.restart()
    assert.equal((await statusOfKind(house)).enabled, false)
    await until('what waited is done', () => account(house, o)['name'] === 'Acme Ltd')
    await assertGoesOn(house)
  })
})

test('a column that every eligible record needs and Workbooks lacks switches the kind off, by name, in the log and in "ops status"; once it is there nothing was lost', async () => {
  const columns = { outreachId: 'cf_organisation_their_id' }
  await using house = await startHouse({ config: { kinds: { organisation: { columns } } } })
  const w = createOrganisation(house, { name: 'Acme' })
  await house.settled()
  const { enabled, reason, parked } = await statusOfKind(house)
  // All processes of a group read the same topics, whatever each has found: what is said meanwhile waits.
  assert.deepEqual({ enabled, parked }, { enabled: false, parked: 1 })
  assert.match(reason ?? '', /no column cf_organisation_their_id/)
  assert.match(house.logged(), /no column cf_organisation_their_id/)
  assert.deepEqual(house.outreach.person.list('account'), [])

  addCustomColumn(house, 'Their id')
  await house.restart()
  await house.settled()
  assert.equal((await statusOfKind(house)).enabled, true)
  const [account] = house.outreach.person.list('account')
  assert.ok(account, 'the organisation of before is created')
  assert.equal(organisation(house, w)['cf_organisation_their_id'], String(account.id))
})

test('a column of the default mapping that Workbooks lacks is left out, and said once', async () => {
  await using house = await startHouse({ workbooks: { omitColumns: ['industry'] } })
  const w = createOrganisation(house, { name: 'Acme', website: 'https://acme.example' })
  await house.settled()
  const o = outreachIdOf(house, w)
  assert.ok(o !== undefined)
  assert.equal(account(house, o)['websiteUrl'], 'https://acme.example')
  assert.equal((await newestOutcome(house, `outreach:account:${o}`)).outcome, 'unchanged')
  assert.equal(house.logged().split('"industry"').length - 1, house.consumers)
})

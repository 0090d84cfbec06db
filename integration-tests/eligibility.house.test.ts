import assert from 'node:assert/strict'
import { test } from 'vitest'
import {
  account,
  accountsNamed,
  createAccount,
  createOrganisation,
  createPair,
  editAccount,
  editOrganisation,
  newestOutcome,
  onlyOutcome,
  organisation,
  outreachIdOf,
  resetCalls,
  silently,
  writesOf,
} from './records.ts'
import { startHouse, type House } from './start-house.ts'

type Row = {
  readonly number: 1 | 2 | 3
  readonly name: string
  readonly column: string
  readonly excludes: boolean
}

// prettier-ignore
const conditions: readonly Row[] = [
  { number: 1, name: 'Sync to Outreach',    column: 'cf_organisation_sync_to_outreach',    excludes: false },
  { number: 2, name: 'Outreach Sync Error', column: 'cf_organisation_outreach_sync_error', excludes: true },
  { number: 3, name: 'Outreach Duplicate',  column: 'cf_organisation_outreach_duplicate',  excludes: true },
]

async function assertSkipped(house: House, record: string, { number, name }: Row): Promise<void> {
  const { outcome, condition, reason } = await newestOutcome(house, record)
  assert.deepEqual({ outcome, condition }, { outcome: 'skipped', condition: number })
  assert.match(reason ?? '', new RegExp(`\\b${number}\\b.*${name}`))
}

test.each(conditions)(
  'an organisation that fails condition $number ($name) is skipped with its number and name, and created once it holds',
  async (row) => {
    await using house = await startHouse()
    const w = createOrganisation(house, { name: 'Acme', [row.column]: row.excludes })
    await house.settled()

    await assertSkipped(house, `workbooks:organisation:${w}`, row)
    assert.deepEqual(accountsNamed(house, 'Acme'), [])
    assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 0 })

    editOrganisation(house, w, { [row.column]: !row.excludes })
    await house.settled()
    assert.deepEqual(accountsNamed(house, 'Acme'), [outreachIdOf(house, w)])
  },
)

test.each(conditions)(
  'while condition $number ($name) fails nothing of a linked pair is written in either direction; afterwards both edits arrive',
  async (row) => {
    await using house = await startHouse()
    const { w, o } = await createPair(house, { name: 'Acme', website: 'https://acme.example' })
    editOrganisation(house, w, { [row.column]: row.excludes })
    await house.settled()
    await assertSkipped(house, `workbooks:organisation:${w}`, row)
    resetCalls(house)

    editOrganisation(house, w, { name: 'Acme Ltd' })
    editAccount(house, o, { locality: 'Leeds' })
    await house.settled()
    await assertSkipped(house, `workbooks:organisation:${w}`, row)
    await assertSkipped(house, `outreach:account:${o}`, row)
    assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 0 })
    assert.equal(account(house, o)['name'], 'Acme')
    assert.equal(organisation(house, w)['main_location[town]'], null)

    editOrganisation(house, w, { [row.column]: !row.excludes })
    await house.settled()
    assert.equal(account(house, o)['name'], 'Acme Ltd')
    assert.equal(organisation(house, w)['main_location[town]'], 'Leeds')
    assert.deepEqual(writesOf(house), { outreach: 1, workbooks: 1 })
  },
)

test('the conditions hold for Outreach to Workbooks too: an edit in Outreach alone is skipped', async () => {
  await using house = await startHouse()
  const pairs = []
  for (const row of conditions) {
    const pair = await createPair(house, { name: `Company ${row.number}` })
    editOrganisation(house, pair.w, { [row.column]: row.excludes })
    pairs.push({ ...pair, row })
  }
  await house.settled()
  resetCalls(house)

  for (const { o, row } of pairs) editAccount(house, o, { name: `Renamed ${row.number}` })
  await house.settled()
  for (const { w, o, row } of pairs) {
    await assertSkipped(house, `outreach:account:${o}`, row)
    assert.equal(organisation(house, w)['name'], `Company ${row.number}`)
  }
  assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 0 })
})

test('conditions 4 or 5: an organisation with an Outreach Id, too, is synchronised when a webhook tells of it', async () => {
  await using house = await startHouse()
  const { w, o } = await createPair(house, { name: 'Acme' })
  editOrganisation(house, w, { website: 'https://acme.example' })
  await house.settled()
  assert.equal(account(house, o)['websiteUrl'], 'https://acme.example')
  const { system, fields } = await onlyOutcome(house, `workbooks:organisation:${w}`, 'updated')
  assert.deepEqual({ system, fields }, { system: 'outreach', fields: ['website'] })
})

test('a link to an ineligible record is remembered, but nothing is written until it is eligible', async () => {
  await using house = await startHouse()
  const o = silently(house, () => createAccount(house, { name: 'Acme', locality: 'York' }))
  const w = createOrganisation(house, {
    name: 'Acme Ltd',
    cf_organisation_outreach_id: String(o),
    cf_organisation_sync_to_outreach: false,
  })
  await house.settled()
  editAccount(house, o, { locality: 'Leeds' })
  await house.settled()

  const { outcome, condition, pair } = await newestOutcome(house, `outreach:account:${o}`)
  assert.deepEqual({ outcome, condition }, { outcome: 'skipped', condition: 1 })
  assert.deepEqual(pair, { workbooks: String(w), outreach: String(o) })
  assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 0 })
  assert.equal(house.workbooks.person.list('organisations').length, 1)

  editOrganisation(house, w, { cf_organisation_sync_to_outreach: true })
  await house.settled()
  assert.equal(account(house, o)['name'], 'Acme Ltd')
  assert.equal(organisation(house, w)['main_location[town]'], 'Leeds')
})

test('however often the error flag is set and reset, one record is created', async () => {
  await using house = await startHouse()
  const w = createOrganisation(house, { name: 'Acme', cf_organisation_outreach_sync_error: true })
  await house.settled()
  for (const isSet of [false, true, false]) {
    editOrganisation(house, w, { cf_organisation_outreach_sync_error: isSet })
    await house.settled()
  }
  assert.equal(accountsNamed(house, 'Acme').length, 1)
  assert.equal(organisation(house, w)['cf_organisation_outreach_sync_error'], false)
})

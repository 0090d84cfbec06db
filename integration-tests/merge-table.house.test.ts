import assert from 'node:assert/strict'
import { expect, test } from 'vitest'
import {
  account,
  addCustomColumn,
  createAccount,
  createOrganisation,
  createPair,
  editAccount,
  editOrganisation,
  newestOutcome,
  organisation,
  resetCalls,
  silently,
  syncByOps,
  writesOf,
} from './records.ts'
import { startHouse, type House } from './start-house.ts'

const nothing = { outreach: 0, workbooks: 0 }

/** A house whose customer mapped fields of their own; the columns are made before the product looks. */
async function startWith(
  titles: readonly string[],
  fields: readonly Readonly<Record<string, unknown>>[],
): Promise<House> {
  const house = await startHouse({ config: { kinds: { organisation: { fields } } } })
  for (const title of titles) addCustomColumn(house, title)
  await house.restart()
  return house
}

test('w and o mean the same: agreed := (w, o), nothing is written, and the next edit crosses alone', async () => {
  await using house = await startHouse()
  const { w, o } = await createPair(house, { name: 'Acme', website: 'https://acme.example' })
  resetCalls(house)
  silently(house, () => {
    editOrganisation(house, w, { website: 'https://new.example', industry: 'Food' })
    editAccount(house, o, { websiteUrl: 'https://new.example', industry: 'Food' })
  })
  await syncByOps(house, `outreach:account:${o}`)
  assert.deepEqual(writesOf(house), nothing)
  assert.equal((await newestOutcome(house, `outreach:account:${o}`)).outcome, 'unchanged')

  editAccount(house, o, { websiteUrl: 'https://newer.example' })
  await house.settled()
  assert.equal(organisation(house, w)['website'], 'https://newer.example')
  assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 1 })
})

test('only w has changed: w is written to Outreach, also when w is blank', async () => {
  await using house = await startHouse()
  const before = { name: 'Acme', website: 'https://acme.example', industry: 'Food' }
  const { w, o } = await createPair(house, { ...before, organisation_num_employees: 12 })
  resetCalls(house)

  editOrganisation(house, w, { website: null, organisation_num_employees: null, biography: 'Old.' })
  await house.settled()
  const { websiteUrl, numberOfEmployees, description, industry, name } = account(house, o)
  assert.deepEqual(
    { websiteUrl, numberOfEmployees, description, industry, name },
    {
      websiteUrl: null,
      numberOfEmployees: null,
      description: 'Old.',
      industry: 'Food',
      name: 'Acme',
    },
  )
  assert.deepEqual(writesOf(house), { outreach: 1, workbooks: 0 })
  const told = await house.outcomes(`workbooks:organisation:${w}`)
  const updated = told.filter(({ outcome }) => outcome === 'updated')
  assert.deepEqual(
    updated.map(({ system, fields }) => ({ system, fields: fields.toSorted() })),
    [{ system: 'outreach', fields: ['biography', 'organisation_num_employees', 'website'] }],
  )
})

test('only o has changed: o is written to Workbooks, also where somebody cleared it', async () => {
  await using house = await startHouse()
  const before = { name: 'Acme', website: 'https://acme.example', industry: 'Food' }
  const { w, o } = await createPair(house, { ...before, organisation_num_employees: 12 })
  resetCalls(house)

  // The event of a cleared attribute names nothing but updatedAt (outreach-api 1.5).
  editAccount(house, o, { websiteUrl: null, numberOfEmployees: null })
  await house.settled()
  const { website, organisation_num_employees: employees } = organisation(house, w)
  assert.deepEqual({ website, employees }, { website: null, employees: null })

  editAccount(house, o, { locality: 'Reading' })
  await house.settled()
  assert.equal(organisation(house, w)['main_location[town]'], 'Reading')
  assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 2 })
})

test('a field changed on each side, but not the same one: each crosses in its own direction', async () => {
  await using house = await startHouse()
  const { w, o } = await createPair(house, { name: 'Acme', industry: 'Food' })
  resetCalls(house)
  silently(house, () => {
    editOrganisation(house, w, { name: 'Acme Ltd' })
    editAccount(house, o, { industry: 'Technology', description: 'Makes things.' })
  })
  await syncByOps(house, `workbooks:organisation:${w}`)

  const { name, industry, biography } = organisation(house, w)
  assert.deepEqual(
    { name, industry, biography },
    { name: 'Acme Ltd', industry: 'Technology', biography: 'Makes things.' },
  )
  assert.equal(account(house, o)['name'], 'Acme Ltd')
  assert.deepEqual(writesOf(house), { outreach: 1, workbooks: 1 })
  const told = await house.outcomes(`workbooks:organisation:${w}`)
  expect(told.filter(({ outcome }) => outcome === 'conflict')).toEqual([])
})

test("never agreed: a blank side takes the other's value, two values follow onLink, and a one-way field its direction", async () => {
  await using house = await startHouse({
    config: {
      kinds: {
        organisation: {
          fields: [
            { workbooks: 'industry', outreach: 'industry', onLink: 'outreach' },
            { workbooks: 'organisation_category', outreach: 'custom1', direction: 'send' },
            { workbooks: 'organisation_vat_number', outreach: 'custom2', direction: 'send' },
            { workbooks: 'alternate_names', outreach: 'custom3', direction: 'receive' },
            { workbooks: 'categories', outreach: 'custom4', direction: 'receive' },
          ],
        },
      },
    },
  })
  const o = silently(house, () =>
    createAccount(house, {
      name: 'Acme in Outreach',
      websiteUrl: 'https://outreach.example',
      industry: 'Technology',
      locality: null,
      custom1: 'their category',
      custom2: 'their number',
      custom3: 'their names',
      custom4: null,
    }),
  )
  const w = createOrganisation(house, {
    name: 'Acme in Workbooks',
    website: null,
    industry: 'Food',
    'main_location[town]': 'Reading',
    organisation_category: 'our category',
    organisation_vat_number: null,
    alternate_names: 'our names',
    categories: 'our categories',
    cf_organisation_outreach_id: String(o),
  })
  await house.settled()

  const them = account(house, o)
  const us = organisation(house, w)
  const pairs = {
    name: [us['name'], them['name']],
    website: [us['website'], them['websiteUrl']],
    industry: [us['industry'], them['industry']],
    town: [us['main_location[town]'], them['locality']],
    sent: [us['organisation_category'], them['custom1']],
    'blank, sent': [us['organisation_vat_number'], them['custom2']],
    received: [us['alternate_names'], them['custom3']],
    'blank, received': [us['categories'], them['custom4']],
  }
  assert.deepEqual(pairs, {
    name: ['Acme in Workbooks', 'Acme in Workbooks'],
    website: ['https://outreach.example', 'https://outreach.example'],
    industry: ['Technology', 'Technology'],
    town: ['Reading', 'Reading'],
    sent: ['our category', 'our category'],
    'blank, sent': [null, 'their number'],
    received: ['their names', 'their names'],
    'blank, received': ['our categories', null],
  })
})

test('a field mapped send only: Outreach is never copied back, and is written when Workbooks changes', async () => {
  await using house = await startWith(
    ['Tier'],
    [{ workbooks: 'cf_organisation_tier', outreach: 'custom7', direction: 'send' }],
  )
  const { w, o } = await createPair(house, { name: 'Acme', cf_organisation_tier: 'A' })
  assert.equal(account(house, o)['custom7'], 'A')
  resetCalls(house)

  editAccount(house, o, { custom7: 'theirs' })
  await house.settled()
  assert.equal(organisation(house, w)['cf_organisation_tier'], 'A')
  assert.equal(account(house, o)['custom7'], 'theirs')
  assert.deepEqual(writesOf(house), nothing)

  silently(house, () => {
    editAccount(house, o, { custom7: 'theirs again' })
    editOrganisation(house, w, { cf_organisation_tier: 'B' })
  })
  await syncByOps(house, `workbooks:organisation:${w}`)
  assert.equal(account(house, o)['custom7'], 'B')
  assert.deepEqual(writesOf(house), { outreach: 1, workbooks: 0 })

  editOrganisation(house, w, { cf_organisation_tier: null })
  await house.settled()
  assert.equal(account(house, o)['custom7'], null)
})

test('a field mapped receive only: Workbooks is never sent, and is written when Outreach changes', async () => {
  await using house = await startWith(
    ['Tier'],
    [{ workbooks: 'cf_organisation_tier', outreach: 'custom7', direction: 'receive' }],
  )
  const { w, o } = await createPair(house, { name: 'Acme', cf_organisation_tier: 'ours' })
  assert.equal(account(house, o)['custom7'], null)
  resetCalls(house)

  editOrganisation(house, w, { cf_organisation_tier: 'ours again' })
  await house.settled()
  assert.equal(account(house, o)['custom7'], null)
  assert.deepEqual(writesOf(house), nothing)

  editAccount(house, o, { custom7: 'theirs' })
  await house.settled()
  assert.equal(organisation(house, w)['cf_organisation_tier'], 'theirs')
  assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 1 })
})

test('a custom mapping crosses both ways, and numbers are compared as such', async () => {
  await using house = await startWith(
    ['Tier', 'Staff'],
    [
      { workbooks: 'cf_organisation_tier', outreach: 'custom7' },
      { workbooks: 'organisation_num_employees', enabled: false },
      { workbooks: 'cf_organisation_staff', outreach: 'numberOfEmployees' },
    ],
  )
  const columns = { cf_organisation_tier: 'A', cf_organisation_staff: '1,200' }
  const { w, o } = await createPair(house, { name: 'Acme', ...columns })
  assert.deepEqual(
    [account(house, o)['custom7'], account(house, o)['numberOfEmployees']],
    ['A', 1200],
  )
  resetCalls(house)

  // Another spelling of the same number is no change of it.
  editOrganisation(house, w, { cf_organisation_staff: '1200' })
  await house.settled()
  editOrganisation(house, w, { cf_organisation_staff: '1200.0' })
  await house.settled()
  assert.deepEqual(writesOf(house), nothing)

  editAccount(house, o, { numberOfEmployees: 1300, custom7: 'B' })
  await house.settled()
  const { cf_organisation_tier: tier, cf_organisation_staff: staff } = organisation(house, w)
  assert.deepEqual({ tier, staff }, { tier: 'B', staff: '1300' })
  assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 1 })
})

test('a value that does not fit is left out and named with the reason; the record is synchronised otherwise', async () => {
  await using house = await startWith(
    ['Staff'],
    [
      { workbooks: 'organisation_num_employees', enabled: false },
      { workbooks: 'cf_organisation_staff', outreach: 'numberOfEmployees' },
    ],
  )
  const { w, o } = await createPair(house, { name: 'Acme', cf_organisation_staff: '12' })
  const longUrl = `https://acme.example/${'x'.repeat(300)}`
  resetCalls(house)
  editOrganisation(house, w, {
    name: 'Acme Ltd',
    cf_organisation_staff: 'dozens',
    website: longUrl,
  })
  await house.settled()

  const { name, numberOfEmployees, websiteUrl } = account(house, o)
  assert.deepEqual(
    { name, numberOfEmployees, websiteUrl },
    { name: 'Acme Ltd', numberOfEmployees: 12, websiteUrl: null },
  )
  const told = await house.outcomes(`workbooks:organisation:${w}`)
  const updated = told.find(({ outcome }) => outcome === 'updated')
  assert.match(updated?.reason ?? '', /cf_organisation_staff \(.*whole number/)
  assert.match(updated?.reason ?? '', /website \(.*255/)

  // It does not become agreed: once it fits it is sent.
  editOrganisation(house, w, { cf_organisation_staff: '24', website: 'https://acme.example' })
  await house.settled()
  assert.equal(account(house, o)['numberOfEmployees'], 24)
  assert.equal(account(house, o)['websiteUrl'], 'https://acme.example')
  assert.deepEqual(writesOf(house), { outreach: 2, workbooks: 0 })
  assert.equal(organisation(house, w)['cf_organisation_outreach_sync_error'], false)
})

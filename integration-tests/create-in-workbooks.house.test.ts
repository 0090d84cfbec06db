import assert from 'node:assert/strict'
import { test } from 'vitest'
import {
  account,
  accountsNamed,
  anHourAgo,
  createAccount,
  createPair,
  editAccount,
  newestOutcome,
  onlyOutcome,
  organisation,
  organisations,
  renameOrganisation,
  resetCalls,
  syncByOps,
  writesOf,
} from './records.ts'
import { startHouse, type House } from './start-house.ts'

const id = 'cf_organisation_outreach_id'

const named = (house: House, name: string) =>
  organisations(house).filter((row) => row['name'] === name)

function userId(house: House, username: string): number {
  const user = house.outreach.person
    .list('user')
    .find(({ attributes }) => attributes['username'] === username)
  assert.ok(user)
  return user.id
}

test('an account that a person creates becomes an organisation with every field, flagged to be synchronised, with id, URL and origin', async () => {
  await using house = await startHouse({ workbooks: { queues: ['ben.booth', 'Unassigned'] } })
  const o = house.outreach.person.create('account', {
    attributes: {
      name: 'Larkfield Instruments',
      websiteUrl: 'https://larkfield.example',
      industry: 'Technology',
      numberOfEmployees: 120,
      locality: 'Leeds',
      linkedInUrl: 'https://linkedin.example/larkfield',
      description: 'Makes instruments.',
      customId: 'CUST-77',
    },
    links: { owner: userId(house, 'ben.booth') },
  }).id
  await house.settled()

  const [made, second] = named(house, 'Larkfield Instruments')
  assert.ok(made)
  assert.equal(second, undefined)
  const expected = {
    website: 'https://larkfield.example',
    industry: 'Technology',
    organisation_num_employees: 120,
    'main_location[town]': 'Leeds',
    linkedin_url: 'https://linkedin.example/larkfield',
    biography: 'Makes instruments.',
    'queue_entry[queue[name]]': 'ben.booth',
    cf_organisation_sync_to_outreach: true,
    cf_organisation_outreach_sync_error: false,
    cf_organisation_outreach_duplicate: false,
    cf_organisation_outreach_id: String(o),
    cf_organisation_outreach_url: `https://web.outreach.io/accounts/${o}`,
    created_through_reference: `outreach:account:${o}`,
  }
  assert.deepEqual(
    Object.fromEntries(Object.keys(expected).map((name) => [name, made[name]])),
    expected,
  )
  // Customers use customId for their own keys; the echo of the create costs no write.
  assert.equal(account(house, o)['customId'], 'CUST-77')
  assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 1 })
  const { pair, system } = await onlyOutcome(house, `outreach:account:${o}`, 'created')
  assert.deepEqual(pair, { workbooks: String(made['id']), outreach: String(o) })
  assert.equal(system, 'workbooks')
})

test('unnamed accounts, which Outreach makes itself, create nothing; one that is named later does', async () => {
  await using house = await startHouse()
  const o = createAccount(house, { name: 'acme.example', named: false })
  await house.settled()
  const { condition, reason } = await onlyOutcome(house, `outreach:account:${o}`, 'skipped')
  assert.equal(condition, null)
  assert.match(reason ?? '', /named/)
  assert.deepEqual(organisations(house), [])

  editAccount(house, o, { named: true, name: 'Acme' })
  await house.settled()
  assert.equal(named(house, 'Acme').length, 1)

  const other = createAccount(house, { name: 'borealis.example', named: false })
  await house.settled()
  editAccount(house, other, { named: true })
  await house.settled()
  assert.equal(named(house, 'borealis.example').length, 1)
})

test('createInWorkbooks false: nothing is created, and a linked organisation goes on', async () => {
  await using house = await startHouse({
    config: { kinds: { organisation: { createInWorkbooks: false } } },
  })
  const o = createAccount(house, { name: 'Acme' })
  const pair = await createPair(house, { name: 'Borealis' })
  editAccount(house, pair.o, { locality: 'York' })
  await house.settled()
  const { reason } = await onlyOutcome(house, `outreach:account:${o}`, 'skipped')
  assert.match(reason ?? '', /createInWorkbooks/)
  assert.deepEqual(
    organisations(house).map((row) => [row['name'], row['main_location[town]']]),
    [['Borealis', 'York']],
  )
})

test('createInWorkbooks when: every condition must be met, on attributes, tags and owner; a later change that meets them creates', async () => {
  const when = [
    { attribute: 'named', is: [true] },
    { attribute: 'tags', is: ['CRM', 'Customer'] },
    { attribute: 'owner', is: [31, 32] },
  ]
  await using house = await startHouse({
    config: { kinds: { organisation: { createInWorkbooks: { when } } } },
  })
  const owner = userId(house, 'amy.archer')
  assert.equal(owner, 31)
  const make = (name: string, tags: readonly string[], links: Record<string, unknown>) =>
    house.outreach.person.create('account', { attributes: { name, tags }, links }).id
  make('Met', ['Customer', 'x'], { owner })
  const untagged = make('Untagged', ['x'], { owner })
  const unowned = make('Unowned', ['CRM'], {})
  make('Wrong owner', ['CRM'], { owner: 33 })
  await house.settled()
  assert.deepEqual(
    organisations(house).map(({ name }) => name),
    ['Met'],
  )
  assert.match((await newestOutcome(house, `outreach:account:${untagged}`)).reason ?? '', /tags/)

  house.outreach.person.update('account', unowned, { links: { owner } })
  await house.settled()
  assert.equal(named(house, 'Unowned').length, 1)
})

test('an account older than the first connection: an unmapped change creates nothing, a mapped one does, and so does ops sync', async () => {
  await using house = await startHouse()
  const [unmapped = 0, mapped = 0, asked = 0, owned = 0] = anHourAgo(house, () =>
    ['Acme', 'Borealis', 'Cygnus', 'Draco'].map((name) => createAccount(house, { name })),
  )
  editAccount(house, unmapped, { custom12: 'x', domain: 'acme.example' })
  house.outreach.person.touch('account', asked)
  await house.settled()
  const { condition, reason } = await onlyOutcome(house, `outreach:account:${unmapped}`, 'skipped')
  assert.equal(condition, null)
  assert.match(reason ?? '', /first connection.*backfill/)
  assert.deepEqual(organisations(house), [])

  editAccount(house, mapped, { locality: 'York' })
  house.outreach.person.update('account', owned, { links: { owner: 31 } })
  await syncByOps(house, `outreach:account:${asked}`)
  assert.deepEqual(
    organisations(house)
      .map(({ name }) => name)
      .sort(),
    ['Borealis', 'Cygnus', 'Draco'],
  )
  assert.equal(named(house, 'Borealis')[0]?.['main_location[town]'], 'York')
})

test('an account that was deleted before its turn is gone, and creates nothing', async () => {
  await using house = await startHouse()
  await house.stop()
  const o = createAccount(house, { name: 'Acme' })
  const trashed = createAccount(house, { name: 'Borealis' })
  house.outreach.person.remove('account', o)
  house.outreach.person.trash('account', trashed)
  await house.start()
  await syncByOps(house, `outreach:account:${o}`)
  await syncByOps(house, `outreach:account:${trashed}`)
  await house.settled()
  for (const one of [o, trashed]) {
    assert.equal((await newestOutcome(house, `outreach:account:${one}`)).outcome, 'gone')
  }
  assert.deepEqual(organisations(house), [])
})

test('a value that does not fit into Workbooks is left out and named, the organisation is created otherwise', async () => {
  const fields = [{ workbooks: 'organisation_category', outreach: 'custom3' }]
  await using house = await startHouse({ config: { kinds: { organisation: { fields } } } })
  const long = createAccount(house, { name: 'Acme', custom3: 'x'.repeat(256), locality: 'York' })
  const fits = createAccount(house, { name: 'Borealis', custom3: '🏭'.repeat(255) })
  await house.settled()

  const { reason, fields: written } = await onlyOutcome(
    house,
    `outreach:account:${long}`,
    'created',
  )
  assert.match(reason ?? '', /organisation_category.*256 characters.*255/)
  assert.deepEqual(written, ['name', 'main_location[town]'])
  const [acme] = named(house, 'Acme')
  assert.deepEqual([acme?.['organisation_category'], acme?.['main_location[town]']], [null, 'York'])
  const [borealis] = named(house, 'Borealis')
  assert.equal(borealis?.['organisation_category'], '🏭'.repeat(255))
  assert.equal(borealis[id], String(fits))
})

test('what was created in Workbooks is a pair like any other: edits cross once each way', async () => {
  await using house = await startHouse()
  const o = createAccount(house, { name: 'Acme' })
  await house.settled()
  const w = Number(named(house, 'Acme')[0]?.['id'])
  resetCalls(house)
  renameOrganisation(house, w, 'Acme Ltd')
  await house.settled()
  editAccount(house, o, { locality: 'York' })
  await house.settled()
  assert.deepEqual(accountsNamed(house, 'Acme Ltd'), [o])
  assert.equal(organisation(house, w)['main_location[town]'], 'York')
  assert.deepEqual(writesOf(house), { outreach: 1, workbooks: 1 })
})

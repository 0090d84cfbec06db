import assert from 'node:assert/strict'
import { test } from 'vitest'
import {
  account,
  accountsNamed,
  createOrganisation,
  createPair,
  editOrganisation,
  newestOutcome,
  onlyOutcome,
  organisation,
  outreachIdOf,
  resetCalls,
  writesOf,
} from './records.ts'
import { startHouse, type House } from './start-house.ts'

const people = { queues: ['amy.archer', 'ben.booth', 'Unassigned'] }

/** The bodies of the writes to Outreach, as they arrive. */
function watchWrites(house: House) {
  const bodies: { readonly attributes: object; readonly relationships?: object }[] = []
  house.outreach.faults.beforeCommit(({ body }) => {
    // JSON:API, as our client sends it.
    bodies.push((JSON.parse(body) as { data: (typeof bodies)[number] }).data)
  })
  return bodies
}

test('an organisation becomes an account with every field of the default mapping, and gets Outreach Id and URL', async () => {
  await using house = await startHouse({ workbooks: people })
  const w = createOrganisation(house, {
    name: 'Larkfield Instruments',
    website: 'https://larkfield.example',
    industry: 'Technology',
    organisation_num_employees: 120,
    'main_location[town]': 'Leeds',
    linkedin_url: 'https://linkedin.example/larkfield',
    biography: 'Makes instruments.\nSince 1953.',
    'queue_entry[queue[name]]': 'ben.booth',
  })
  await house.settled()

  const o = outreachIdOf(house, w)
  assert.deepEqual(accountsNamed(house, 'Larkfield Instruments'), [o])
  const made = house.outreach.person.read('account', o ?? 0)
  const { websiteUrl, industry, numberOfEmployees, locality, linkedInUrl, description, customId } =
    made?.attributes ?? {}
  assert.deepEqual(
    { websiteUrl, industry, numberOfEmployees, locality, linkedInUrl, description, customId },
    {
      websiteUrl: 'https://larkfield.example',
      industry: 'Technology',
      numberOfEmployees: 120,
      locality: 'Leeds',
      linkedInUrl: 'https://linkedin.example/larkfield',
      description: 'Makes instruments.\nSince 1953.',
      customId: `workbooks:organisation:${w}`,
    },
  )
  const ben = house.outreach.person
    .list('user')
    .find(({ attributes }) => attributes['username'] === 'ben.booth')
  assert.equal(made?.links['owner']?.id, ben?.id)
  assert.equal(made?.attributes['named'], true)
  assert.equal(
    organisation(house, w)['cf_organisation_outreach_url'],
    `https://web.outreach.io/accounts/${o}`,
  )
  // One create, one write-back, and the echoes of both cost no write.
  assert.deepEqual(writesOf(house), { outreach: 1, workbooks: 1 })
})

test('the outcome of a create names the pair, the side, the fields, the event, the calls and the time it took', async () => {
  await using house = await startHouse({ workbooks: people })
  const { w, o } = await createPair(house, {
    name: 'Acme',
    website: 'https://acme.example',
    'queue_entry[queue[name]]': 'amy.archer',
  })
  const told = await onlyOutcome(house, `workbooks:organisation:${w}`, 'created')
  assert.deepEqual(told.pair, { workbooks: String(w), outreach: String(o) })
  assert.deepEqual(
    { kind: told.kind, system: told.system, reason: told.reason },
    { kind: 'organisation', system: 'outreach', reason: null },
  )
  assert.deepEqual([...told.fields].sort(), ['name', 'queue_entry[queue[name]]', 'website'])
  assert.equal(told.events.length, 1)
  assert.ok(told.calls > 0)
  assert.ok(told.delayMs !== null && told.delayMs >= 0)
  assert.deepEqual(await house.outcomes(`outreach:account:${o}`).then((all) => all.at(-1)), told)
})

test('blank values are left out of a create; zero is a value', async () => {
  await using house = await startHouse()
  const bodies = watchWrites(house)
  const w = createOrganisation(house, {
    name: 'Acme',
    website: '',
    industry: null,
    organisation_num_employees: 0,
    biography: '   ',
  })
  await house.settled()
  assert.deepEqual(
    bodies.map(({ attributes, relationships = {} }) => ({ attributes, relationships })),
    [
      {
        attributes: { name: 'Acme', numberOfEmployees: 0, customId: `workbooks:organisation:${w}` },
        relationships: {},
      },
    ],
  )
})

test('a value that does not fit is left out and named with the reason; the rest is synchronised, and it follows once it fits', async () => {
  await using house = await startHouse()
  const { w, o } = await createPair(house, {
    name: 'Acme',
    website: `https://acme.example/${'a'.repeat(250)}`,
    'main_location[town]': 'Leeds',
  })
  assert.equal(account(house, o)['websiteUrl'], null)
  assert.equal(account(house, o)['locality'], 'Leeds')
  const created = await onlyOutcome(house, `workbooks:organisation:${w}`, 'created')
  assert.match(created.reason ?? '', /website.*271 characters.*255/)
  assert.ok(!created.fields.includes('website'))
  assert.equal(organisation(house, w)['cf_organisation_outreach_sync_error'], false)
  resetCalls(house)

  editOrganisation(house, w, { industry: 'Technology' })
  await house.settled()
  assert.deepEqual(writesOf(house), { outreach: 1, workbooks: 0 })
  const updated = await onlyOutcome(house, `workbooks:organisation:${w}`, 'updated')
  assert.match(updated.reason ?? '', /website/)
  assert.match(String(organisation(house, w)['website']), /aaa$/)

  editOrganisation(house, w, { website: 'https://acme.example' })
  await house.settled()
  assert.equal(account(house, o)['websiteUrl'], 'https://acme.example')
})

test('255 characters are counted as people count them: 255 emoji fit', async () => {
  await using house = await startHouse()
  const website = '🐦'.repeat(255)
  const { o } = await createPair(house, { name: 'Acme', website })
  assert.equal(account(house, o)['websiteUrl'], website)
})

test('createInOutreach false: nothing is created, the outcome says so, and what is linked goes on', async () => {
  const config = { kinds: { organisation: { createInOutreach: false } } }
  await using house = await startHouse({ config })
  const w = createOrganisation(house, { name: 'Acme' })
  const o = house.outreach.person.create('account', { attributes: { name: 'Borealis' } }).id
  await house.settled()
  const { outcome, condition, reason } = await newestOutcome(house, `workbooks:organisation:${w}`)
  assert.deepEqual({ outcome, condition }, { outcome: 'skipped', condition: null })
  assert.match(reason ?? '', /createInOutreach/)
  assert.deepEqual(accountsNamed(house, 'Acme'), [])

  const [borealis] = house.workbooks.person
    .list('organisations')
    .filter(({ name }) => name === 'Borealis')
  editOrganisation(house, Number(borealis?.['id']), { name: 'Borealis Ltd' })
  await house.settled()
  assert.equal(account(house, o)['name'], 'Borealis Ltd')
})

test('the configuration decides the columns, the fields and the web address that is written back', async () => {
  await using house = await startHouse({
    config: {
      kinds: {
        organisation: {
          fields: [
            { workbooks: 'party_notes', outreach: 'custom7' },
            { workbooks: 'biography', enabled: false },
            { workbooks: 'website', outreach: 'websiteUrl', direction: 'receive' },
          ],
        },
      },
    },
    env: { OUTREACH_WEB_URL: 'https://outreach.example/app' },
  })
  const { w, o } = await createPair(house, {
    name: 'Acme',
    party_notes: 'Key account',
    biography: 'Secret',
    website: 'https://acme.example',
  })
  const { custom7, description, websiteUrl } = account(house, o)
  assert.deepEqual(
    { custom7, description, websiteUrl },
    { custom7: 'Key account', description: null, websiteUrl: null },
  )
  assert.equal(
    organisation(house, w)['cf_organisation_outreach_url'],
    `https://outreach.example/app/accounts/${o}`,
  )
})

test('forty organisations at once become forty accounts, each once, written back in few calls', async () => {
  await using house = await startHouse()
  const ids = Array.from({ length: 40 }, (_, at) =>
    createOrganisation(house, { name: `Company ${at}` }),
  )
  await house.settled()
  for (const [at, w] of ids.entries()) {
    assert.deepEqual(accountsNamed(house, `Company ${at}`), [outreachIdOf(house, w)])
  }
  assert.deepEqual(writesOf(house), { outreach: 40, workbooks: 40 })
})

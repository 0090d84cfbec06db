import assert from 'node:assert/strict'
import { test } from 'vitest'
import {
  createPerson,
  createPersonPair,
  createProspect,
  editPerson,
  editProspect,
  people,
  person,
  personWritesOf,
  prospect,
  prospectIdOf,
  prospects,
} from './people.ts'
import { newestOutcome, onlyOutcome, resetCalls, syncByOps } from './records.ts'
import { startHouse } from './start-house.ts'

const staff = { queues: ['amy.archer', 'ben.booth', 'Unassigned'] }

/** Every column of the default mapping that people type. */
const everyColumn = {
  person_first_name: 'Mara',
  person_middle_name: 'J.',
  person_last_name: 'Quill',
  person_job_title: 'Head of Procurement',
  'main_location[email]': 'mara.quill@larkfield.example',
  'main_location[telephone]': '+442079460002',
  'main_location[mobile]': '+447700900123',
  'main_location[street_address]': '1 High Street',
  'main_location[town]': 'Leeds',
  'main_location[county_province_state]': 'West Yorkshire',
  'main_location[postcode]': 'LS1 1AA',
  'main_location[country]': 'United Kingdom',
  website: 'https://mara.example',
  linkedin_url: 'https://linkedin.example/mara',
  twitter_url: 'https://twitter.example/mara',
}

/** The same, as a prospect has them. */
const everyAttribute = {
  firstName: 'Mara',
  middleName: 'J.',
  lastName: 'Quill',
  title: 'Head of Procurement',
  emails: ['mara.quill@larkfield.example'],
  workPhones: ['+442079460002'],
  mobilePhones: ['+447700900123'],
  addressStreet: '1 High Street',
  addressCity: 'Leeds',
  addressState: 'West Yorkshire',
  addressZip: 'LS1 1AA',
  addressCountry: 'United Kingdom',
  websiteUrl1: 'https://mara.example',
  linkedInUrl: 'https://linkedin.example/mara',
  twitterUrl: 'https://twitter.example/mara',
}

function only(all: Readonly<Record<string, unknown>>, like: object): object {
  return Object.fromEntries(Object.keys(like).map((name) => [name, all[name]]))
}

test('a person becomes a prospect with every field of the default mapping, and gets Outreach Id and URL', async () => {
  await using house = await startHouse({ workbooks: staff })
  const owner = { 'queue_entry[queue[name]]': 'ben.booth' }
  const { w, o } = await createPersonPair(house, { ...everyColumn, ...owner })
  assert.deepEqual(only(prospect(house, o), everyAttribute), everyAttribute)
  assert.equal(prospect(house, o)['externalId'], `workbooks:person:${w}`)
  const made = house.outreach.person.read('prospect', o)
  const users = house.outreach.person.list('user')
  const ben = users.find(({ attributes }) => attributes['username'] === 'ben.booth')
  assert.equal(made?.links['owner']?.id, ben?.id)
  assert.equal(person(house, w)['cf_person_outreach_url'], `https://web.outreach.io/prospects/${o}`)
  // One create, one write-back; the echoes of both cost no write.
  assert.deepEqual(personWritesOf(house), { outreach: 1, workbooks: 1 })
})

test('a prospect becomes a person with every field, and a name, which is always sent on create', async () => {
  await using house = await startHouse()
  const o = createProspect(house, { attributes: everyAttribute })
  await house.settled()
  const [made, second] = people(house)
  assert.equal(second, undefined)
  assert.deepEqual(only(made ?? {}, everyColumn), everyColumn)
  assert.deepEqual(
    only(made ?? {}, { name: '', created_through_reference: '', cf_person_outreach_id: '' }),
    {
      name: 'Mara Quill',
      created_through_reference: `outreach:prospect:${o}`,
      cf_person_outreach_id: String(o),
    },
  )
  assert.equal(made?.['cf_person_sync_to_outreach'], true)
  assert.deepEqual(personWritesOf(house), { outreach: 0, workbooks: 1 })
})

test('a prospect without a name is named by its e-mail address, and one without that is named too', async () => {
  await using house = await startHouse()
  await house.settled()
  const nameless = { firstName: null, lastName: null }
  createProspect(house, { attributes: { ...nameless, emails: ['info@acme.example'] } })
  createProspect(house, { attributes: nameless })
  await house.settled()
  assert.deepEqual(
    people(house)
      .map(({ name }) => name)
      .sort(),
    ['Unnamed prospect', 'info@acme.example'],
  )
})

test('an edit on either side follows, once each, and the echoes cost no write', async () => {
  await using house = await startHouse()
  const { w, o } = await createPersonPair(house, everyColumn)
  resetCalls(house)
  editPerson(house, w, { person_job_title: 'Buyer', 'main_location[town]': '' })
  await house.settled()
  assert.equal(prospect(house, o)['title'], 'Buyer')
  assert.equal(prospect(house, o)['addressCity'], null)
  editProspect(house, o, { lastName: 'Quill-Booth' })
  await house.settled()
  assert.equal(person(house, w)['person_last_name'], 'Quill-Booth')
  assert.deepEqual(personWritesOf(house), { outreach: 1, workbooks: 1 })
})

test('"the mapped element is replaced in its place, the rest of the list is kept": e-mails and phones, to Outreach', async () => {
  await using house = await startHouse()
  const { w, o } = await createPersonPair(house, everyColumn)
  editProspect(house, o, {
    emails: ['mara.quill@larkfield.example', 'mara@home.example'],
    workPhones: ['+442079460002', '+442079460003'],
  })
  await house.settled()
  resetCalls(house)
  editPerson(house, w, {
    'main_location[email]': 'mq@larkfield.example',
    'main_location[telephone]': '+442079460009',
  })
  await house.settled()
  const { emails, workPhones, mobilePhones } = prospect(house, o)
  assert.deepEqual(emails, ['mq@larkfield.example', 'mara@home.example'])
  assert.deepEqual(workPhones, ['+442079460009', '+442079460003'])
  assert.deepEqual(mobilePhones, ['+447700900123'])
  assert.deepEqual(personWritesOf(house), { outreach: 1, workbooks: 0 })
})

test('"a value that the list has already moves to the front", whatever its case; "clearing removes the agreed element"', async () => {
  await using house = await startHouse()
  const { w, o } = await createPersonPair(house, everyColumn)
  editProspect(house, o, { emails: ['mara.quill@larkfield.example', 'Mara@Home.example'] })
  await house.settled()
  editPerson(house, w, { 'main_location[email]': 'mara@home.example' })
  await house.settled()
  const moved = ['Mara@Home.example', 'mara.quill@larkfield.example']
  assert.deepEqual(prospect(house, o)['emails'], moved)
  resetCalls(house)
  editPerson(house, w, { 'main_location[email]': '' })
  await house.settled()
  assert.deepEqual(prospect(house, o)['emails'], ['mara.quill@larkfield.example'])
  assert.ok(!person(house, w)['main_location[email]'])
  // What moved up is agreed, not a change.
  await syncByOps(house, `outreach:prospect:${o}`)
  assert.deepEqual(personWritesOf(house), { outreach: 1, workbooks: 0 })
})

test('an e-mail that differs only in case is the same: nothing is written', async () => {
  await using house = await startHouse()
  const { w, o } = await createPersonPair(house, everyColumn)
  resetCalls(house)
  editPerson(house, w, { 'main_location[email]': 'Mara.Quill@Larkfield.example' })
  await house.settled()
  assert.deepEqual(personWritesOf(house), { outreach: 0, workbooks: 0 })
  assert.deepEqual(prospect(house, o)['emails'], ['mara.quill@larkfield.example'])
})

test('prospect payloads never hold e-mails or phones: the record is read, and Workbooks follows', async () => {
  await using house = await startHouse({
    outreach: {
      webhooks: { delayMs: { from: 1, to: 5 } },
      rules: { listChangesMoveUpdatedAt: false },
    },
  })
  const { w, o } = await createPersonPair(house, everyColumn)
  resetCalls(house)
  editProspect(house, o, { emails: ['new@larkfield.example'], mobilePhones: [] })
  await house.settled()
  assert.equal(person(house, w)['main_location[email]'], 'new@larkfield.example')
  assert.equal(person(house, w)['main_location[mobile]'], null)
  assert.deepEqual(personWritesOf(house), { outreach: 0, workbooks: 1 })
})

test('a no-op prospect.updated costs one shared read of Outreach, and none of Workbooks', async () => {
  await using house = await startHouse()
  const pairs = []
  for (const name of ['a', 'b', 'c', 'd']) {
    const columns = { ...everyColumn, 'main_location[email]': `${name}@larkfield.example` }
    pairs.push(await createPersonPair(house, columns))
  }
  resetCalls(house)
  // A change of a list that is not mapped is told as an empty event (outreach-api 1.6).
  for (const { o } of pairs) editProspect(house, o, { tags: ['gold'] })
  await house.settled()
  const reads = Object.entries(house.outreach.calls.counts()).filter(([what]) => /^GET /.test(what))
  assert.ok(
    reads.every(([, count]) => count <= 4),
    JSON.stringify(reads),
  )
  assert.equal(house.workbooks.calls.counts()['read crm/people'], undefined)
  assert.deepEqual(personWritesOf(house), { outreach: 0, workbooks: 0 })
  const told = await newestOutcome(house, `outreach:prospect:${pairs[0]?.o ?? 0}`)
  assert.equal(told.outcome, 'unchanged')
})

test('touchedAt alone costs nothing', async () => {
  await using house = await startHouse()
  const { o } = await createPersonPair(house, everyColumn)
  resetCalls(house)
  house.outreach.person.touch('prospect', o)
  await house.settled()
  assert.deepEqual(house.outreach.calls.counts(), {})
  assert.deepEqual(house.workbooks.calls.counts(), {})
})

test('the configuration may map any list by its first element, switch a column off, and name another owner rule', async () => {
  const fields = [
    { workbooks: 'main_location[mobile]', outreach: 'otherPhones[0]' },
    { workbooks: 'person_job_title', enabled: false },
  ]
  await using house = await startHouse({ config: { kinds: { person: { fields } } } })
  const { o } = await createPersonPair(house, everyColumn)
  const { otherPhones, mobilePhones, title } = prospect(house, o)
  assert.deepEqual(
    { otherPhones, mobilePhones, title },
    {
      otherPhones: ['+447700900123'],
      mobilePhones: [],
      title: null,
    },
  )
})

test('a person is deleted: the pair is closed, the prospect stays, and nothing is made again', async () => {
  await using house = await startHouse()
  const { w, o } = await createPersonPair(house, everyColumn)
  house.workbooks.person.remove('people', w)
  await house.settled()
  await onlyOutcome(house, `workbooks:person:${w}`, 'gone')
  editProspect(house, o, { title: 'Still here' })
  await house.settled()
  assert.deepEqual([people(house).length, prospects(house).length], [0, 1])
})

test('forty people at once become forty prospects, each once, written back in few calls', async () => {
  await using house = await startHouse()
  const ids = Array.from({ length: 40 }, (_, at) =>
    createPerson(house, { 'main_location[email]': `p${at}@larkfield.example` }),
  )
  await house.settled()
  const linked = new Set(ids.map((w) => prospectIdOf(house, w)))
  assert.equal(linked.size, 40)
  assert.deepEqual(personWritesOf(house), { outreach: 40, workbooks: 40 })
  // Each consumer shares its own.
  const mostCalls = house.consumers === 1 ? 10 : 15 * house.consumers
  const calls = house.workbooks.calls.counts()['write crm/people'] ?? 0
  assert.ok(calls <= mostCalls, `${calls} calls`)
})

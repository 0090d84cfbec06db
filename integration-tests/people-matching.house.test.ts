import assert from 'node:assert/strict'
import { test } from 'vitest'
import {
  createPerson,
  createPersonPair,
  createProspect,
  editPerson,
  people,
  person,
  prospect,
  prospectIdOf,
  prospects,
} from './people.ts'
import { newestOutcome, onlyOutcome, resetCalls, silently } from './records.ts'
import { startHouse } from './start-house.ts'

const mail = (email: string) => ({ 'main_location[email]': email })
const alternate = { workbooks: 'main_location[alternate_email]', outreach: 'custom3' }

test('"prospect that has any of the person\'s e-mail addresses": the person is flagged, whatever the case, and linked by its id', async () => {
  await using house = await startHouse()
  const emails = ['info@acme.example', 'Mara@Acme.example']
  const o = silently(house, () => createProspect(house, { attributes: { emails } }))
  const w = createPerson(house, mail(' mara@acme.example '))
  await house.settled()
  assert.equal(person(house, w)['cf_person_outreach_duplicate'], true)
  assert.equal(prospects(house).length, 1)
  const told = await onlyOutcome(house, `workbooks:person:${w}`, 'duplicate')
  assert.match(told.reason ?? '', new RegExp(`same e-mail already: outreach:prospect:${o}`))

  editPerson(house, w, { cf_person_outreach_duplicate: false, cf_person_outreach_id: String(o) })
  await house.settled()
  assert.equal((await newestOutcome(house, `outreach:prospect:${o}`)).pair.workbooks, String(w))
  // Section 8: two values, `onLink` Workbooks.
  assert.deepEqual(prospect(house, o)['emails'], ['Mara@Acme.example', 'info@acme.example'])
})

test('"and every other e-mail column in the mapping" counts as well', async () => {
  await using house = await startHouse({ config: { kinds: { person: { fields: [alternate] } } } })
  const o = silently(house, () =>
    createProspect(house, { attributes: { emails: ['mara@home.example'] } }),
  )
  const columns = { 'main_location[alternate_email]': 'mara@home.example' }
  const w = createPerson(house, { ...mail('mara@work.example'), ...columns })
  await house.settled()
  assert.equal(person(house, w)['cf_person_outreach_duplicate'], true)
  const told = await onlyOutcome(house, `workbooks:person:${w}`, 'duplicate')
  assert.equal(told.pair.outreach, String(o))
})

test('the other way round: a new prospect with the e-mail of a person that waits flags it; nothing is created', async () => {
  await using house = await startHouse({
    config: { kinds: { person: { createInOutreach: false } } },
  })
  await house.settled()
  const w = createPerson(house, mail('mara@acme.example'))
  await house.settled()
  createProspect(house, { attributes: { emails: ['MARA@acme.example'] } })
  await house.settled()
  assert.equal(person(house, w)['cf_person_outreach_duplicate'], true)
  assert.deepEqual([people(house).length, prospects(house).length], [1, 1])
})

test('matching: link joins a single match at once', async () => {
  await using house = await startHouse({ config: { kinds: { person: { matching: 'link' } } } })
  const o = silently(house, () =>
    createProspect(house, { attributes: { emails: ['mara@acme.example'], title: 'Buyer' } }),
  )
  const w = createPerson(house, mail('mara@acme.example'))
  await house.settled()
  assert.equal(prospectIdOf(house, w), o)
  assert.equal(person(house, w)['person_job_title'], 'Buyer')
})

test('two people of one e-mail at once: one prospect, one duplicate', async () => {
  await using house = await startHouse()
  const both = [
    createPerson(house, mail('a@acme.example')),
    createPerson(house, mail('A@acme.example')),
  ]
  await house.settled()
  assert.equal(prospects(house).length, 1)
  const flags = both.map((w) => person(house, w)['cf_person_outreach_duplicate'])
  assert.deepEqual([...flags].sort(), [false, true])
})

test('people without an e-mail are created each: their names may well be the same', async () => {
  await using house = await startHouse()
  const both = [createPerson(house, {}), createPerson(house, {})]
  await house.settled()
  assert.equal(new Set(both.map((w) => prospectIdOf(house, w))).size, 2)
  assert.equal(prospects(house).length, 2)
})

test('"Contacts email hash has already been taken.": somebody else was quicker, and the person is a duplicate', async () => {
  await using house = await startHouse()
  const quick: number[] = []
  const stop = house.outreach.faults.beforeCommit(({ method, path }) => {
    if (method !== 'POST' || !path.includes('prospects')) return
    stop()
    const emails = ['mara@acme.example']
    quick.push(silently(house, () => createProspect(house, { attributes: { emails } })))
  })
  const w = createPerson(house, mail('mara@acme.example'))
  await house.settled()
  assert.equal(person(house, w)['cf_person_outreach_duplicate'], true)
  assert.equal(person(house, w)['cf_person_outreach_sync_error'], false)
  const told = await onlyOutcome(house, `workbooks:person:${w}`, 'duplicate')
  assert.equal(told.pair.outreach, String(quick[0]))
  assert.equal(prospects(house).length, 1)
})

test('"taken", yet found by no search: error flag, with these words', async () => {
  await using house = await startHouse()
  const emails = ['mara@acme.example']
  silently(house, () => {
    const o = createProspect(house, { attributes: { emails } })
    house.outreach.person.trash('prospect', o)
  })
  const w = createPerson(house, mail('mara@acme.example'))
  await house.settled()
  assert.equal(person(house, w)['cf_person_outreach_sync_error'], true)
  assert.match(String(person(house, w)['cf_person_outreach_error_message']), /already been taken/)
})

test.each([
  { says: 'by e-mail', columns: mail('mara@acme.example') },
  { says: 'by name among those made since, where there is no e-mail', columns: {} },
])(
  'a create whose answer was lost makes no second prospect: it is found $says, for externalId cannot be filtered',
  async ({ columns }) => {
    await using house = await startHouse()
    house.outreach.faults.failNext({
      ...{ method: 'POST', path: '/api/v2/prospects', how: 'reset-after-commit' },
    })
    const { w, o } = await createPersonPair(house, columns)
    assert.deepEqual(
      prospects(house).map(({ id }) => id),
      [o],
    )
    assert.equal(prospect(house, o)['externalId'], `workbooks:person:${w}`)
    assert.equal(person(house, w)['cf_person_outreach_duplicate'], false)
  },
)

test('a linked person takes the e-mail of another prospect: refused, flagged with these words, and tried again once it is reset', async () => {
  await using house = await startHouse()
  const first = await createPersonPair(house, mail('a@acme.example'))
  const second = await createPersonPair(house, mail('b@acme.example'))
  editPerson(house, second.w, mail('a@acme.example'))
  await house.settled()
  assert.equal(person(house, second.w)['cf_person_outreach_sync_error'], true)
  assert.deepEqual(prospect(house, second.o)['emails'], ['b@acme.example'])
  editPerson(house, first.w, mail('c@acme.example'))
  await house.settled()
  resetCalls(house)
  editPerson(house, second.w, { cf_person_outreach_sync_error: false })
  await house.settled()
  assert.deepEqual(prospect(house, second.o)['emails'], ['a@acme.example'])
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import {
  addRole,
  changeRole,
  contacts,
  contactsOf,
  contactWritesOf,
  removeRole,
  rolesOf,
  rowsOf,
} from './contacts.ts'
import {
  createDeal,
  createOpportunityPair,
  deal,
  dealIdOf,
  editOpportunity,
  opportunityOf,
} from './opportunities.ts'
import {
  createPerson,
  createPersonPair,
  createProspect,
  editPerson,
  people,
  person,
  prospectIdOf,
} from './people.ts'
import { createAccount, newestOutcome, organisations, resetCalls, silently } from './records.ts'
import { startHouse, type House } from './start-house.ts'

const unasked = { cf_person_sync_to_outreach: false }

/** A linked person, and a linked opportunity that they are a contact of. */
async function partnerHouse(house: House) {
  const mara = await createPersonPair(house, {})
  const pair = await createOpportunityPair(house, contacts([mara.w, 'Partner']))
  assert.deepEqual(rolesOf(house, pair.o), [`${mara.o} Partner`])
  resetCalls(house)
  return { mara, pair }
}

test('"the prospect is synchronised to Workbooks and becomes a contact": a role brings its prospect, and that its account, first', async () => {
  await using house = await startHouse()
  const pair = await createOpportunityPair(house)
  // Nobody hears of the account and the prospect but by the role.
  const { account, prospect } = silently(house, () => {
    const made = createAccount(house, { name: 'Acme' })
    return { account: made, prospect: createProspect(house, { account: made }) }
  })
  addRole(house, { deal: pair.o, prospect, role: 'Decision Maker' })
  await house.settled()
  const [acme] = organisations(house)
  const [mara] = people(house)
  assert.equal(acme?.['cf_organisation_outreach_id'], String(account))
  assert.equal(mara?.['employer_link'], acme['id'])
  assert.deepEqual(contactsOf(house, pair.w), [`${String(mara?.['id'])} Decision Maker`])
})

test('a role before its opportunity: the opportunity is made with its contact, and the prospect first', async () => {
  await using house = await startHouse()
  await house.settled()
  const { prospect, o } = silently(house, () => ({
    prospect: createProspect(house, {}),
    o: createDeal(house),
  }))
  addRole(house, { deal: o, prospect, role: 'Buyer' })
  await house.settled()
  const w = opportunityOf(house, o)
  const [mara] = people(house)
  assert.deepEqual(contactsOf(house, w), [`${String(mara?.['id'])} Buyer`])
})

test('a contact who is not to be synchronised is waited for, blocks nothing, and is related once linked', async () => {
  await using house = await startHouse()
  const mara = createPerson(house, unasked)
  const pair = await createOpportunityPair(house, {
    probability: 10,
    ...contacts([mara, 'Partner']),
  })
  assert.deepEqual(rolesOf(house, pair.o), [])
  const waits = await newestOutcome(house, `workbooks:opportunity:${pair.w}`)
  assert.match(waits.reason ?? '', new RegExp(`waits for workbooks:person:${mara}`))
  editOpportunity(house, pair.w, { probability: 20 })
  await house.settled()
  assert.equal(deal(house, pair.o)['probability'], 20)
  editPerson(house, mara, { cf_person_sync_to_outreach: true })
  await house.settled()
  assert.deepEqual(rolesOf(house, pair.o), [`${prospectIdOf(house, mara) ?? 0} Partner`])
})

test('the person and the prospect were both contacts before they are linked: nothing is doubled', async () => {
  await using house = await startHouse()
  const address = 'mara@example.com'
  const mara = createPerson(house, { ...unasked, 'main_location[email]': address })
  const pair = await createOpportunityPair(house, contacts([mara, 'Partner']))
  const prospect = silently(house, () =>
    createProspect(house, { attributes: { emails: [address] } }),
  )
  silently(house, () => addRole(house, { deal: pair.o, prospect, role: 'Partner' }))
  resetCalls(house)
  editPerson(house, mara, { ...unasked, cf_person_outreach_id: String(prospect) })
  editPerson(house, mara, { cf_person_sync_to_outreach: true })
  await house.settled()
  assert.equal(prospectIdOf(house, mara), prospect)
  assert.deepEqual(contactsOf(house, pair.w), [`${mara} Partner`])
  assert.deepEqual(rolesOf(house, pair.o), [`${prospect} Partner`])
  assert.equal(contactWritesOf(house).rows, 0)
})

test('a prospect is deleted in Outreach, its roles with it: the contact is not dismissed', async () => {
  await using house = await startHouse()
  const { mara, pair } = await partnerHouse(house)
  house.outreach.person.remove('prospect', mara.o)
  await house.settled()
  assert.deepEqual(rolesOf(house, pair.o), [])
  assert.deepEqual(contactsOf(house, pair.w), [`${mara.w} Partner`])
  editOpportunity(house, pair.w, { probability: 30 })
  await house.settled()
  assert.equal(deal(house, pair.o)['probability'], 30)
  assert.deepEqual(contactsOf(house, pair.w), [`${mara.w} Partner`])
})

test('a prospect vanished and only the role told of it: the contact stays', async () => {
  await using house = await startHouse()
  const { mara, pair } = await partnerHouse(house)
  const [row] = rowsOf(house, pair.o)
  silently(house, () => house.outreach.person.remove('prospect', mara.o))
  await house.ops('POST', '/ops/sync', { record: `outreach:opportunity:${pair.o}` })
  await house.settled()
  assert.ok(row)
  assert.deepEqual(contactsOf(house, pair.w), [`${mara.w} Partner`])
})

test('a person who is deleted in Workbooks leaves their role in Outreach alone', async () => {
  await using house = await startHouse()
  const { mara, pair } = await partnerHouse(house)
  silently(house, () => house.workbooks.person.remove('people', mara.w))
  editOpportunity(house, pair.w, contacts())
  await house.settled()
  assert.deepEqual(rolesOf(house, pair.o), [`${mara.o} Partner`])
})

test('only people who take part: a flagged one keeps their role until the flag is reset, and follows then', async () => {
  await using house = await startHouse()
  const { mara, pair } = await partnerHouse(house)
  editPerson(house, mara.w, { cf_person_outreach_sync_error: true })
  await house.settled()
  editOpportunity(house, pair.w, contacts([mara.w, 'Champion']))
  await house.settled()
  assert.deepEqual(rolesOf(house, pair.o), [`${mara.o} Partner`])
  const told = await newestOutcome(house, `workbooks:opportunity:${pair.w}`)
  assert.match(told.reason ?? '', new RegExp(`workbooks:person:${mara.w} takes no part`))
  editPerson(house, mara.w, { cf_person_outreach_sync_error: false })
  await house.settled()
  assert.deepEqual(rolesOf(house, pair.o), [`${mara.o} Champion`])
})

test('a person is linked with another prospect: the role follows them, and the former prospect keeps its own', async () => {
  await using house = await startHouse()
  const { mara, pair } = await partnerHouse(house)
  const other = silently(house, () => createProspect(house, { attributes: { lastName: 'Other' } }))
  editPerson(house, mara.w, { cf_person_outreach_id: String(other) })
  await house.settled()
  assert.equal(person(house, mara.w)['cf_person_outreach_id'], String(other))
  assert.ok(rolesOf(house, pair.o).includes(`${other} Partner`))
  assert.ok(contactsOf(house, pair.w).includes(`${mara.w} Partner`))
})

test('a role is removed while the opportunity is paused, with the consumers restarted: it follows afterwards', async () => {
  await using house = await startHouse()
  const { pair } = await partnerHouse(house)
  const [row] = rowsOf(house, pair.o)
  await house.stop()
  removeRole(house, row?.id ?? 0)
  await house.start()
  await house.ops('POST', '/ops/sync', { record: `outreach:opportunity:${pair.o}` })
  await house.settled()
  assert.deepEqual(contactsOf(house, pair.w), [])
  assert.equal(dealIdOf(house, pair.w), pair.o)
})

test.each([
  ['changed', 'Champion'],
  ['taken away', undefined],
])(
  'a role is %s in Outreach while its person is deleted in Workbooks: restored, that is what counts',
  async (_what, role) => {
    await using house = await startHouse()
    const mara = await createPersonPair(house, {})
    const pair = await createOpportunityPair(house, contacts([mara.w, 'Partner']))
    house.workbooks.person.remove('people', mara.w)
    await house.settled()
    const row = rowsOf(house, pair.o)[0]?.id ?? 0
    if (role === undefined) removeRole(house, row)
    else changeRole(house, row, role)
    await house.settled()
    assert.deepEqual(contactsOf(house, pair.w), [`${mara.w} Partner`])
    house.workbooks.person.restore('people', mara.w)
    await house.settled()
    assert.deepEqual(contactsOf(house, pair.w), role === undefined ? [] : [`${mara.w} ${role}`])
    assert.deepEqual(rolesOf(house, pair.o), role === undefined ? [] : [`${mara.o} ${role}`])
  },
)

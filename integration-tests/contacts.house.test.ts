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
import { createOpportunityPair, deal, editOpportunity, opportunity } from './opportunities.ts'
import { createPersonPair, type Pair } from './people.ts'
import { newestOutcome, outcomesOf, resetCalls, silently, syncByOps } from './records.ts'
import { startHouse, type House } from './start-house.ts'

/** Three linked people, and a linked opportunity without a contact. */
async function dealHouse(house: House, columns = {}) {
  const people: Pair[] = []
  for (const name of ['Mara', 'Ben', 'Ida']) {
    people.push(
      await createPersonPair(house, {
        person_first_name: name,
        'main_location[email]': `${name.toLowerCase()}@example.com`,
      }),
    )
  }
  const [mara, ben, ida] = people
  assert.ok(mara && ben && ida)
  const pair = await createOpportunityPair(house, columns)
  resetCalls(house)
  return { mara, ben, ida, pair }
}

test('a contact is added in Workbooks, changed and removed: the row follows, one call each', async () => {
  await using house = await startHouse()
  const { mara, ben, pair } = await dealHouse(house)
  editOpportunity(house, pair.w, contacts([mara.w, 'Partner']))
  await house.settled()
  assert.deepEqual(rolesOf(house, pair.o), [`${mara.o} Partner`])

  editOpportunity(house, pair.w, contacts([mara.w, 'Champion'], [ben.w, '']))
  await house.settled()
  assert.deepEqual(rolesOf(house, pair.o), [`${mara.o} Champion`, `${ben.o}`])

  editOpportunity(house, pair.w, contacts([ben.w, '']))
  await house.settled()
  assert.deepEqual(rolesOf(house, pair.o), [`${ben.o}`])
  assert.deepEqual(contactWritesOf(house), { rows: 4, deals: 0, opportunities: 0 })
  const [told] = await outcomesOf(house, `workbooks:opportunity:${pair.w}`, 'updated')
  assert.deepEqual(told?.fields, ['opportunity_contact_ids'])
  assert.equal(told.system, 'outreach')
})

test('a prospect is added to an opportunity in Outreach, its role changed, and removed: the contact follows, one write each', async () => {
  await using house = await startHouse()
  const { mara, ben, pair } = await dealHouse(house)
  const row = addRole(house, { deal: pair.o, prospect: mara.o, role: 'Decision Maker' })
  await house.settled()
  assert.deepEqual(contactsOf(house, pair.w), [`${mara.w} Decision Maker`])

  changeRole(house, row, 'Champion')
  addRole(house, { deal: pair.o, prospect: ben.o })
  await house.settled()
  assert.deepEqual(contactsOf(house, pair.w), [`${mara.w} Champion`, `${ben.w}`])

  removeRole(house, row)
  await house.settled()
  assert.deepEqual(contactsOf(house, pair.w), [`${ben.w}`])
  const { rows, deals, opportunities } = contactWritesOf(house)
  assert.deepEqual({ rows, deals }, { rows: 0, deals: 0 })
  assert.ok(opportunities >= 3 && opportunities <= 4, `${opportunities} writes`)
})

test('contacts are related with the create, in both directions, and a role in the row of Workbooks', async () => {
  await using house = await startHouse()
  const { mara, ben, pair } = await dealHouse(house, {})
  const { w, o } = await createOpportunityPair(
    house,
    contacts([mara.w, 'Partner'], [ben.w, 'Buyer']),
  )
  assert.deepEqual(rolesOf(house, o), [`${mara.o} Partner`, `${ben.o} Buyer`])
  assert.notEqual(w, pair.w)
  resetCalls(house)
  await syncByOps(house, `outreach:opportunity:${o}`)
  await syncByOps(house, `workbooks:opportunity:${w}`)
  assert.deepEqual(contactWritesOf(house), { rows: 0, deals: 0, opportunities: 0 })
})

test('several roles of one person stand side by side on both sides', async () => {
  await using house = await startHouse()
  const { mara, pair } = await dealHouse(house)
  editOpportunity(house, pair.w, contacts([mara.w, 'Partner'], [mara.w, 'Buyer']))
  await house.settled()
  assert.deepEqual(rolesOf(house, pair.o), [`${mara.o} Buyer`, `${mara.o} Partner`])
  const buyer = rowsOf(house, pair.o).find(({ attributes }) => attributes['role'] === 'Buyer')
  removeRole(house, buyer?.id ?? 0)
  addRole(house, { deal: pair.o, prospect: mara.o, role: 'Champion' })
  await house.settled()
  assert.deepEqual(contactsOf(house, pair.w), [`${mara.w} Partner`, `${mara.w} Champion`])
  // A row that says the same twice is left alone.
  addRole(house, { deal: pair.o, prospect: mara.o, role: 'Partner' })
  resetCalls(house)
  await house.settled()
  assert.deepEqual(contactWritesOf(house), { rows: 0, deals: 0, opportunities: 0 })
})

test('both sides at once: different people are both kept, each by one write', async () => {
  await using house = await startHouse()
  const { mara, ben, ida, pair } = await dealHouse(house, {})
  editOpportunity(house, pair.w, contacts([mara.w, 'Partner']))
  await house.settled()
  resetCalls(house)
  silently(house, () => {
    editOpportunity(house, pair.w, contacts([mara.w, 'Partner'], [ben.w, 'Buyer']))
    addRole(house, { deal: pair.o, prospect: ida.o, role: 'Champion' })
  })
  await syncByOps(house, `workbooks:opportunity:${pair.w}`)
  assert.deepEqual(contactsOf(house, pair.w), [
    `${mara.w} Partner`,
    `${ben.w} Buyer`,
    `${ida.w} Champion`,
  ])
  assert.deepEqual(rolesOf(house, pair.o), [
    `${mara.o} Partner`,
    `${ben.o} Buyer`,
    `${ida.o} Champion`,
  ])
  assert.deepEqual(contactWritesOf(house), { rows: 1, deals: 0, opportunities: 1 })
  assert.deepEqual(await outcomesOf(house, `workbooks:opportunity:${pair.w}`, 'conflict'), [])
})

test('both sides at once on one person: the later role wins, and the losing one is named', async () => {
  await using house = await startHouse()
  const { mara, pair } = await dealHouse(house)
  const hourMs = 3_600_000
  silently(house, () => {
    editOpportunity(house, pair.w, contacts([mara.w, 'Partner']))
    house.outreach.clock.advance(hourMs)
    addRole(house, { deal: pair.o, prospect: mara.o, role: 'Champion' })
    house.outreach.clock.advance(-hourMs)
  })
  await syncByOps(house, `workbooks:opportunity:${pair.w}`)
  assert.deepEqual(contactsOf(house, pair.w), [`${mara.w} Champion`])
  assert.deepEqual(rolesOf(house, pair.o), [`${mara.o} Champion`])
  const [conflict] = await outcomesOf(house, `workbooks:opportunity:${pair.w}`, 'conflict')
  assert.deepEqual(conflict?.conflicts, [
    {
      field: 'opportunity_contact_ids',
      winner: 'outreach',
      loser: 'workbooks',
      losingValue: ['Partner'],
    },
  ])
  assert.match(conflict.reason ?? '', new RegExp(`workbooks:person:${mara.w}`))
})

test('organisations among the contacts are left alone, in their place', async () => {
  await using house = await startHouse()
  const org = house.workbooks.person.create('organisations', { name: 'Larkfield' })
  const id = Number(org['id'])
  await house.settled()
  const { mara, ben, pair } = await dealHouse(house)
  editOpportunity(house, pair.w, contacts([mara.w, 'Partner'], [id, 'Competitor']))
  await house.settled()
  assert.deepEqual(rolesOf(house, pair.o), [`${mara.o} Partner`])
  addRole(house, { deal: pair.o, prospect: ben.o, role: 'Buyer' })
  await house.settled()
  assert.deepEqual(contactsOf(house, pair.w), [
    `${mara.w} Partner`,
    `${id} Competitor`,
    `${ben.w} Buyer`,
  ])
  const told = await newestOutcome(house, `workbooks:opportunity:${pair.w}`)
  assert.doesNotMatch(told.reason ?? '', /waits/)
})

test('fields and contacts in one edit: one PATCH and one call for each row', async () => {
  await using house = await startHouse()
  const { mara, ben, pair } = await dealHouse(house)
  editOpportunity(house, pair.w, {
    probability: 70,
    ...contacts([mara.w, 'Partner'], [ben.w, 'Buyer']),
  })
  await house.settled()
  assert.equal(deal(house, pair.o)['probability'], 70)
  assert.deepEqual(contactWritesOf(house), { rows: 2, deals: 1, opportunities: 0 })
  assert.equal(opportunity(house, pair.w)['cf_opportunity_outreach_sync_error'], false)
})

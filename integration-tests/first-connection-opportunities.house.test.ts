import assert from 'node:assert/strict'
import { test } from 'vitest'
import { addRole, contacts, contactsOf, contactWritesOf, rolesOf } from './contacts.ts'
import { createDeal, deal, editDeal, editOpportunity, opportunity } from './opportunities.ts'
import { createPerson, createProspect, personWritesOf } from './people.ts'
import { statusOfKind } from './operators.ts'
import { anHourAgo, writesOf, type Systems } from './records.ts'
import { startHouse, type House } from './start-house.ts'

type Columns = Readonly<Record<string, unknown>>

/** A person and a prospect whom the old plug-in linked. */
function makeOldPerson(systems: Systems, name: string) {
  const email = `${name.toLowerCase()}@acme.example`
  const o = createProspect(systems, { attributes: { emails: [email], firstName: name } })
  const w = createPerson(systems, {
    ...{ 'main_location[email]': email, person_first_name: name },
    cf_person_outreach_id: String(o),
  })
  return { w, o }
}

/** An opportunity that the old plug-in linked, apart in its name. */
function makeOldOpportunity(systems: Systems, columns: Columns) {
  const o = createDeal(systems, { attributes: { name: 'Renewal there', probability: 30 } })
  const created = systems.workbooks.person.create('opportunities', {
    ...{ description: 'Renewal here', probability: 30, cf_opportunity_sync_to_outreach: true },
    ...{ cf_opportunity_outreach_id: String(o), ...columns },
  })
  return { w: Number(created['id']), o }
}

/** Contacts apart in every way: a role here and another there, one here only, one there only. */
function makeOldSystems(systems: Systems) {
  return anHourAgo(systems, () => {
    const [mara, ben, ida, kim] = ['Mara', 'Ben', 'Ida', 'Kim'].map((name) =>
      makeOldPerson(systems, name),
    )
    assert.ok(mara && ben && ida && kim)
    const pair = makeOldOpportunity(
      systems,
      contacts([mara.w, 'Partner'], [ben.w, 'Buyer'], [kim.w, 'User']),
    )
    addRole(systems, { deal: pair.o, prospect: mara.o, role: 'Champion' })
    addRole(systems, { deal: pair.o, prospect: ida.o })
    addRole(systems, { deal: pair.o, prospect: kim.o, role: 'User' })
    return { pair, mara, ben, ida, kim }
  })
}

async function startOld(): Promise<[House, ReturnType<typeof makeOldSystems>]> {
  const made: ReturnType<typeof makeOldSystems>[] = []
  const house = await startHouse({ before: (systems) => void made.push(makeOldSystems(systems)) })
  await house.settled()
  const [first] = made
  assert.ok(first)
  return [house, first]
}

function assertNothingWritten(house: House): void {
  assert.deepEqual(contactWritesOf(house), { rows: 0, deals: 0, opportunities: 0 })
  assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 0 })
  assert.deepEqual(personWritesOf(house), { outreach: 0, workbooks: 0 })
}

test('opportunities that were linked before are read once, with their contacts: what differs is remembered as it stands, written nowhere, and counted', async () => {
  const [started, { pair }] = await startOld()
  await using house = started
  assertNothingWritten(house)
  assert.equal(opportunity(house, pair.w)['description'], 'Renewal here')
  assert.equal(deal(house, pair.o)['name'], 'Renewal there')
  assert.equal((await statusOfKind(house, 'opportunity')).pairs, 1)
  assert.equal((await statusOfKind(house, 'opportunity')).standingApart, 1)
  await house.restart()
  await house.settled()
  assertNothingWritten(house)
})

test('... and only a later edit of a contact moves that contact', async () => {
  const [started, { pair, mara, ben, ida, kim }] = await startOld()
  await using house = started
  editOpportunity(house, pair.w, contacts([mara.w, 'Sponsor'], [ben.w, 'Buyer'], [kim.w, 'User']))
  await house.settled()
  assert.deepEqual(rolesOf(house, pair.o), [`${mara.o} Sponsor`, ...[`${ida.o}`, `${kim.o} User`]])
  editDeal(house, pair.o, { attributes: { probability: 45 } })
  await house.settled()
  assert.equal(Number(opportunity(house, pair.w)['probability']), 45)
  assert.deepEqual(contactsOf(house, pair.w), [
    `${mara.w} Sponsor`,
    ...[`${ben.w} Buyer`, `${kim.w} User`],
  ])
  assert.equal(contactWritesOf(house).rows, 1)
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import { createPerson, createProspect, editProspect, person, personWritesOf } from './people.ts'
import {
  account,
  anHourAgo,
  createAccount,
  createOrganisation,
  organisation,
  organisations,
  writesOf,
  type Systems,
} from './records.ts'
import { startHouse, type House } from './start-house.ts'

/** A person whom the old plug-in linked, with a prospect in an account that nobody ever linked. */
function makeOldEmployee(systems: Systems): { w: number; o: number; account: number } {
  return anHourAgo(systems, () => {
    const old = createAccount(systems, { name: 'Old and unlinked', industry: 'Food' })
    const o = createProspect(systems, {
      attributes: { emails: ['mara.quill@acme.example'] },
      account: old,
    })
    const w = createPerson(systems, {
      'main_location[email]': 'mara.quill@acme.example',
      cf_person_outreach_id: String(o),
    })
    return { w, o, account: old }
  })
}

async function startAfterOldEmployee(): Promise<[House, ReturnType<typeof makeOldEmployee>]> {
  const made: ReturnType<typeof makeOldEmployee>[] = []
  const house = await startHouse({
    before: (systems) => void made.push(makeOldEmployee(systems)),
  })
  await house.settled()
  const [first] = made
  assert.ok(first)
  return [house, first]
}

test('an old person whose prospect is in an old account makes nobody an organisation, until somebody edits them', async () => {
  const [started, old] = await startAfterOldEmployee()
  await using house = started
  assert.deepEqual(organisations(house), [])
  assert.deepEqual(personWritesOf(house), { outreach: 0, workbooks: 0 })
  assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 0 })

  editProspect(house, old.o, { firstName: 'Maria' })
  await house.settled()
  assert.deepEqual(
    organisations(house).map(({ name }) => name),
    ['Old and unlinked'],
  )
})

test('... and a new prospect in that account asks for it: the old person follows', async () => {
  const [started, old] = await startAfterOldEmployee()
  await using house = started
  createProspect(house, {
    attributes: { emails: ['new@acme.example'] },
    account: old.account,
  })
  await house.settled()
  const [made] = organisations(house)
  assert.equal(made?.['name'], 'Old and unlinked')
  assert.equal(person(house, old.w)['employer_link'], made['id'])
})

test('an old pair that a new person names before its turn stands as it is', async () => {
  await using house = await startHouse()
  const pair = anHourAgo(house, () => {
    const o = createAccount(house, { name: 'Acme', industry: 'Food' })
    const w = createOrganisation(house, {
      ...{ name: 'Acme', industry: 'Technology' },
      cf_organisation_outreach_id: String(o),
    })
    return { w, o }
  })
  const w = createPerson(house, {
    'main_location[email]': 'mara.quill@acme.example',
    employer_link: pair.w,
  })
  await house.settled()
  assert.equal(account(house, pair.o)['industry'], 'Food')
  assert.equal(organisation(house, pair.w)['industry'], 'Technology')
  assert.equal(person(house, w)['employer_link'], pair.w)
  const outcomes = await house.outcomes(`workbooks:organisation:${pair.w}`)
  assert.ok(outcomes.length > 0, 'nobody asked for the organisation')
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import { contacts } from './contacts.ts'
import { createOpportunity } from './opportunities.ts'
import { createPerson } from './people.ts'
import { callsOf, foundOn, makePushedClock, reconcile, startSilentHouse } from './polling.ts'
import { createOrganisation, editOrganisation, resetCalls } from './records.ts'
import type { House } from './start-house.ts'

async function countFound(house: House): Promise<number> {
  const topics = ['workbooks.organisation', 'workbooks.person', 'workbooks.opportunity'] as const
  const others = ['outreach.account', 'outreach.prospect', 'outreach.opportunity'] as const
  const found = await Promise.all([...topics, ...others].map((topic) => foundOn(house, topic)))
  return found.flat().length
}

test('ten intervals without changes cost one call each per resource, and what we made ourselves is no change', async () => {
  const clock = makePushedClock()
  await using house = await startSilentHouse({
    overrides: { now: clock.now, pollsWhenAsked: false },
  })
  const interval = async () => {
    clock.push(house, 60_000)
    await house.catchUp()
    await house.settled()
  }
  const w = createOrganisation(house, { name: 'Acme' })
  const mara = createPerson(house, {
    ...{ 'main_location[email]': 'mara@acme.example', employer_link: w },
  })
  createOpportunity(house, { party_id: w, ...contacts([mara, 'Partner']) })
  // Found, and written back: those writes are found to be our own.
  for (let turn = 0; turn < 12; turn += 1) await interval()
  const before = await countFound(house)
  resetCalls(house)
  for (let turn = 0; turn < 10; turn += 1) await interval()
  assert.equal(await countFound(house), before)
  assert.deepEqual(callsOf(house), {
    'read crm/organisations': 10,
    'read crm/people': 10,
    'read crm/opportunities': 10,
    // Unnamed accounts, e-mails and phones are asked for every tenth time.
    'GET accounts': 10 + 1,
    'GET prospects': 10,
    'GET opportunities': 10,
    'GET opportunityProspectRoles': 10,
    'GET emailAddresses': 1,
    'GET phoneNumbers': 1,
  })
})

test('"ops reconcile" asks once for every resource, or for those of one kind', async () => {
  await using house = await startSilentHouse()
  await reconcile(house)
  const w = createOrganisation(house, { name: 'Acme' })
  resetCalls(house)
  await reconcile(house, 'person')
  assert.deepEqual(callsOf(house), {
    'read crm/people': 1,
    'GET prospects': 1,
    'GET emailAddresses': 1,
    'GET phoneNumbers': 1,
  })
  await reconcile(house, 'organisation')
  const [found] = await foundOn(house, 'workbooks.organisation')
  assert.equal(found?.subject, String(w))
  editOrganisation(house, w, { industry: 'Retail' })
  await reconcile(house)
  assert.equal((await foundOn(house, 'workbooks.organisation')).length, 2)
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import { changeRole, contacts, contactsOf, removeRole, rolesOf, rowsOf } from './contacts.ts'
import { createOpportunityPair, editOpportunity } from './opportunities.ts'
import { createPersonPair } from './people.ts'
import { startHouse, type House } from './start-house.ts'

async function conflictsOf(house: House, o: number) {
  const told = await house.outcomes(`outreach:opportunity:${o}`)
  return told.flatMap(({ conflicts = [] }) => conflicts)
}

test('somebody changes a role while we are about to take its row away: the echo shows it, and it is named', async () => {
  await using house = await startHouse()
  const mara = await createPersonPair(house, {})
  const pair = await createOpportunityPair(house, contacts([mara.w, 'Partner']))
  const [row] = rowsOf(house, pair.o)
  const stop = house.outreach.faults.beforeCommit(({ method }) => {
    if (method !== 'DELETE') return
    stop()
    changeRole(house, row?.id ?? 0, 'Champion')
  })
  editOpportunity(house, pair.w, contacts())
  await house.settled()
  const [conflict] = await conflictsOf(house, pair.o)
  assert.ok(conflict, 'nobody was told')
  assert.equal(conflict.field, 'opportunity_contact_ids')
  const stands = conflict.winner === 'outreach' ? 'Champion' : undefined
  if (stands === undefined) assert.deepEqual(conflict.losingValue, ['Champion'])
  assert.deepEqual(contactsOf(house, pair.w), stands === undefined ? [] : [`${mara.w} ${stands}`])
  assert.deepEqual(rolesOf(house, pair.o), stands === undefined ? [] : [`${mara.o} ${stands}`])
})

test('somebody adds a role after we took one away, and takes it away again: nobody lost anything', async () => {
  await using house = await startHouse()
  const mara = await createPersonPair(house, {})
  const pair = await createOpportunityPair(house, contacts([mara.w, 'Partner']))
  editOpportunity(house, pair.w, contacts())
  await house.settled()
  const links = { opportunity: pair.o, prospect: mara.o }
  const wish = { attributes: { role: 'Champion' }, links }
  const { id } = house.outreach.person.create('opportunityProspectRole', wish)
  await house.settled()
  removeRole(house, id)
  await house.settled()
  assert.deepEqual(await conflictsOf(house, pair.o), [])
  assert.deepEqual(contactsOf(house, pair.w), [])
  assert.deepEqual(rolesOf(house, pair.o), [])
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import { changeRole, contacts, contactsOf, rolesOf, rowsOf } from './contacts.ts'
import { createOpportunityPair, editOpportunity } from './opportunities.ts'
import { createPersonPair } from './people.ts'
import { silently, syncByOps, until } from './records.ts'
import { startHouse } from './start-house.ts'
import { makeUnreliableNetwork, type SeenRequest } from './unreliable-network.ts'

const rowCall = (method: string) => (request: SeenRequest) =>
  request.method === method && request.path.startsWith('/api/v2/opportunityProspectRoles')

async function open() {
  const network = makeUnreliableNetwork()
  const house = await startHouse({ overrides: { fetch: network.fetch } })
  const mara = await createPersonPair(house, { 'main_location[email]': 'mara@example.com' })
  const ben = await createPersonPair(house, { 'main_location[email]': 'ben@example.com' })
  return { network, house, mara, ben }
}

test('both contacts were edited on both sides, and the second call gets no answer: each losing role is named once', async () => {
  const { network, house: opened, mara, ben } = await open()
  await using house = opened
  const pair = await createOpportunityPair(house, contacts([mara.w, 'Partner'], [ben.w, 'Partner']))
  silently(house, () => {
    for (const { id } of rowsOf(house, pair.o)) changeRole(house, id, 'Blocker')
    house.workbooks.clock.advance(3_600_000)
    editOpportunity(house, pair.w, contacts([mara.w, 'Champion'], [ben.w, 'Champion']))
    house.workbooks.clock.advance(-3_600_000)
  })
  let count = 0
  const isSecond = (request: SeenRequest) => rowCall('PATCH')(request) && (count += 1) === 2
  network.fail({ on: isSecond, how: 'lost-on-the-way' })
  await syncByOps(house, `workbooks:opportunity:${pair.w}`)
  await house.settled()
  assert.equal(network.faultsLeft(), 0)
  assert.deepEqual(rolesOf(house, pair.o), [`${mara.o} Champion`, `${ben.o} Champion`])
  const told = await house.outcomes(`outreach:opportunity:${pair.o}`)
  const lost = told.flatMap(({ conflicts = [] }) => conflicts)
  assert.deepEqual(
    lost.map(({ losingValue }) => losingValue),
    [['Blocker'], ['Blocker']],
  )
})

test('one of two calls for a contact was made, and the edit is taken back in Workbooks: Outreach follows', async () => {
  const { network, house: opened, mara } = await open()
  await using house = opened
  const pair = await createOpportunityPair(house, contacts([mara.w, 'Partner']))
  network.fail({ on: rowCall('POST'), how: 'lost-on-the-way' })
  const made = network.count(rowCall('POST'))
  editOpportunity(house, pair.w, contacts([mara.w, 'Buyer'], [mara.w, 'Champion']))
  await until(() => network.count(rowCall('POST')) > made)
  editOpportunity(house, pair.w, contacts([mara.w, 'Partner']))
  await house.settled()
  assert.deepEqual(contactsOf(house, pair.w), [`${mara.w} Partner`])
  assert.deepEqual(rolesOf(house, pair.o), [`${mara.o} Partner`])
})

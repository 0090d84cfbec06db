import assert from 'node:assert/strict'
import { test } from 'vitest'
import { addRole, changeRole, contacts, contactsOf, rolesOf, rowsOf } from './contacts.ts'
import {
  createDeal,
  createOpportunity,
  createOpportunityPair,
  editOpportunity,
  opportunities,
} from './opportunities.ts'
import { createPersonPair, createProspect } from './people.ts'
import { anHourAgo, until } from './records.ts'
import { startHouse } from './start-house.ts'

// An event about a row names nothing but the row, and this process has never read it.

test('our own change wrote over an edit, and its echo comes after a restart: the edit is named', async () => {
  await using house = await startHouse()
  const mara = await createPersonPair(house, {})
  const pair = await createOpportunityPair(house, contacts([mara.w, 'Partner']))
  const [row] = rowsOf(house, pair.o)
  house.outreach.webhooks.change({ delayMs: { from: 2_000, to: 2_000 } })
  const stop = house.outreach.faults.beforeCommit(({ method, path }) => {
    if (method !== 'PATCH' || !path.includes('opportunityProspectRoles')) return
    stop()
    changeRole(house, row?.id ?? 0, 'Blocker')
  })
  editOpportunity(house, pair.w, contacts([mara.w, 'Champion']))
  await until(() => rolesOf(house, pair.o).join() === `${mara.o} Champion`)
  await house.restart()
  await house.settled()
  const told = await house.outcomes(`outreach:opportunity:${pair.o}`)
  const lost = told.flatMap(({ conflicts = [] }) => conflicts.map((one) => one.losingValue))
  const [kept] = contactsOf(house, pair.w)
  assert.deepEqual(lost, [[kept === `${mara.w} Champion` ? 'Blocker' : 'Champion']])
})

test('a pair of the old plug-in, and a role is changed in Outreach: what the event names wins', async () => {
  await using house = await startHouse()
  const mara = await createPersonPair(house, {})
  const made = anHourAgo(house, () => {
    const o = createDeal(house, {})
    const row = addRole(house, { deal: o, prospect: mara.o, role: 'Partner' })
    const named = { cf_opportunity_outreach_id: String(o), ...contacts([mara.w, 'Partner']) }
    return { w: createOpportunity(house, named), o, row }
  })
  changeRole(house, made.row, 'Champion')
  await house.settled()
  assert.deepEqual(contactsOf(house, made.w), [`${mara.w} Champion`])
  assert.deepEqual(rolesOf(house, made.o), [`${mara.o} Champion`])
})

test.each([
  ['touched by a background job: nothing is created in Workbooks', { primary: true }, 0],
  ['given another role: it is an edit, and brings the opportunity', { role: 'Buyer' }, 1],
])('a row of an old opportunity is %s', async (_says, attributes, made) => {
  await using house = await startHouse()
  const row = anHourAgo(house, () => {
    const prospect = createProspect(house, {})
    return addRole(house, { deal: createDeal(house, {}), prospect, role: 'Partner' })
  })
  house.outreach.person.update('opportunityProspectRole', row, { attributes })
  await house.settled()
  assert.equal(opportunities(house).length, made)
})

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
  createOpportunityPair,
  deal,
  editDeal,
  editOpportunity,
  opportunity,
} from './opportunities.ts'
import { createPersonPair, createProspect } from './people.ts'
import { statusOfKind } from './operators.ts'
import { newestOutcome, outcomesOf, resetCalls, silently, syncByOps, until } from './records.ts'
import { startHouse, type HouseOptions } from './start-house.ts'
import { makeUnreliableNetwork, type SeenRequest, type Way } from './unreliable-network.ts'

const rows = (method: string) => (request: SeenRequest) =>
  request.method === method && request.path.startsWith('/api/v2/opportunityProspectRoles')

/** Two linked people, the first a contact, and a network that loses answers. */
async function startUnreliableHouse(options: HouseOptions = {}) {
  const network = makeUnreliableNetwork()
  const house = await startHouse({ ...options, overrides: { fetch: network.fetch } })
  const mara = await createPersonPair(house, { 'main_location[email]': 'mara@example.com' })
  const ben = await createPersonPair(house, { 'main_location[email]': 'ben@example.com' })
  const pair = await createOpportunityPair(house, contacts([mara.w, 'Partner']))
  resetCalls(house)
  return { network, house, mara, ben, pair }
}

const ways: readonly Way[] = ['reset-after-commit', 'half-reply', '502-after-commit']

test.each(ways)(
  'a row was made and the answer lost (%s): it is made once, and told once',
  async (how) => {
    const { network, house: opened, mara, ben, pair } = await startUnreliableHouse()
    await using house = opened
    network.fail({ on: rows('POST'), how })
    editOpportunity(house, pair.w, contacts([mara.w, 'Partner'], [ben.w, 'Buyer']))
    await house.settled()
    assert.equal(network.faultsLeft(), 0)
    assert.deepEqual(rolesOf(house, pair.o), [`${mara.o} Partner`, `${ben.o} Buyer`])
    assert.deepEqual(contactsOf(house, pair.w), [`${mara.w} Partner`, `${ben.w} Buyer`])
    assert.deepEqual(await outcomesOf(house, `workbooks:opportunity:${pair.w}`, 'conflict'), [])
  },
)

test('a row never arrived: it is looked for at once and again five seconds later, then made, once', async () => {
  const { network, house: opened, mara, ben, pair } = await startUnreliableHouse()
  await using house = opened
  network.fail({ on: rows('POST'), how: 'lost-on-the-way' })
  const before = Date.now()
  editOpportunity(house, pair.w, contacts([mara.w, 'Partner'], [ben.w, 'Buyer']))
  await house.settled()
  assert.ok(Date.now() - before >= 5_000)
  assert.equal(network.count(rows('POST')) > 0, true)
  assert.deepEqual(rolesOf(house, pair.o), [`${mara.o} Partner`, `${ben.o} Buyer`])
})

test('the product stops while it is unsure of a row: it looks again, and makes no second one', async () => {
  const { network, house: opened, mara, ben, pair } = await startUnreliableHouse()
  await using house = opened
  network.fail({ on: rows('POST'), how: 'reset-after-commit' })
  const made = network.count(rows('POST'))
  editOpportunity(house, pair.w, contacts([mara.w, 'Partner'], [ben.w, 'Buyer']))
  await until(() => network.count(rows('POST')) > made)
  await house.restart()
  await house.settled()
  assert.deepEqual(rolesOf(house, pair.o), [`${mara.o} Partner`, `${ben.o} Buyer`])
  assert.deepEqual(contactsOf(house, pair.w), [`${mara.w} Partner`, `${ben.w} Buyer`])
})

test.each(['PATCH', 'DELETE'])(
  'the answer to a %s of a row is lost: nothing is undone',
  async (method) => {
    const { network, house: opened, mara, pair } = await startUnreliableHouse()
    await using house = opened
    network.fail({ on: rows(method), how: 'reset-after-commit' })
    const wanted = method === 'PATCH' ? contacts([mara.w, 'Champion']) : contacts()
    editOpportunity(house, pair.w, wanted)
    await house.settled()
    assert.equal(network.faultsLeft(), 0)
    assert.deepEqual(rolesOf(house, pair.o), method === 'PATCH' ? [`${mara.o} Champion`] : [])
    assert.deepEqual(contactsOf(house, pair.w), method === 'PATCH' ? [`${mara.w} Champion`] : [])
    assert.deepEqual(await outcomesOf(house, `workbooks:opportunity:${pair.w}`, 'conflict'), [])
  },
)

test('a list does not show a row that is there: it is asked for itself, and nobody is dismissed', async () => {
  const { network, house: opened, mara, pair } = await startUnreliableHouse()
  await using house = opened
  network.fail({ on: rows('GET'), how: 'empty-list' })
  await syncByOps(house, `outreach:opportunity:${pair.o}`)
  assert.equal(network.faultsLeft(), 0)
  assert.deepEqual(contactsOf(house, pair.w), [`${mara.w} Partner`])
  // A removal that no event told of is found out by asking for the row itself.
  silently(house, () => removeRole(house, rowsOf(house, pair.o)[0]?.id ?? 0))
  await syncByOps(house, `outreach:opportunity:${pair.o}`)
  assert.deepEqual(contactsOf(house, pair.w), [])
})

test.each([
  ['another role', 'Champion'],
  ['none', undefined],
])(
  '... nor is what somebody gives them in Workbooks meanwhile undone or doubled: %s',
  async (_says, role) => {
    const { network, house: opened, mara, pair } = await startUnreliableHouse()
    await using house = opened
    network.fail({ on: rows('GET'), how: 'empty-list' })
    editOpportunity(house, pair.w, role === undefined ? contacts() : contacts([mara.w, role]))
    await house.settled()
    assert.equal(network.faultsLeft(), 0)
    await syncByOps(house, `workbooks:opportunity:${pair.w}`)
    assert.deepEqual(contactsOf(house, pair.w), role === undefined ? [] : [`${mara.w} ${role}`])
    assert.deepEqual(rolesOf(house, pair.o), role === undefined ? [] : [`${mara.o} ${role}`])
  },
)

test('somebody removes a row while we are about to change it: their removal is not undone unnamed', async () => {
  const { house: opened, mara, pair } = await startUnreliableHouse()
  await using house = opened
  const [row] = rowsOf(house, pair.o)
  let isDone = false
  house.outreach.faults.beforeCommit(({ method, path }) => {
    if (isDone || method !== 'PATCH' || !path.includes('opportunityProspectRoles')) return
    isDone = true
    removeRole(house, row?.id ?? 0)
  })
  editOpportunity(house, pair.w, contacts([mara.w, 'Champion']))
  await house.settled()
  const [conflict] = await outcomesOf(house, `workbooks:opportunity:${pair.w}`, 'conflict')
  assert.equal(conflict?.conflicts?.[0]?.field, 'opportunity_contact_ids')
  const said = rolesOf(house, pair.o).map((one) => one.replace(`${mara.o} `, ''))
  assert.deepEqual(
    contactsOf(house, pair.w).map((one) => one.replace(`${mara.w} `, '')),
    said,
  )
})

test('somebody changes a role while our own change of it is on its way: the echo shows it, and it is named', async () => {
  const { house: opened, mara, pair } = await startUnreliableHouse()
  await using house = opened
  const [row] = rowsOf(house, pair.o)
  let isDone = false
  house.outreach.faults.beforeCommit(({ method, path }) => {
    if (isDone || method !== 'PATCH' || !path.includes('opportunityProspectRoles')) return
    isDone = true
    changeRole(house, row?.id ?? 0, 'Blocker')
  })
  editOpportunity(house, pair.w, contacts([mara.w, 'Champion']))
  await house.settled()
  const told = await outcomesOf(house, `outreach:opportunity:${pair.o}`, 'conflict')
  const lost = told.flatMap(({ conflicts = [] }) => conflicts.map((one) => one.losingValue))
  assert.equal(lost.length, 1)
  const kept = rolesOf(house, pair.o)[0]?.replace(`${mara.o} `, '')
  assert.ok(kept === 'Champion' || kept === 'Blocker')
  assert.deepEqual(lost[0], [kept === 'Champion' ? 'Blocker' : 'Champion'])
  assert.deepEqual(contactsOf(house, pair.w), [`${mara.w} ${kept}`])
})

test('echoes of our own rows, and a role that was moved to itself, cost no write', async () => {
  const { house: opened, mara, ben, pair } = await startUnreliableHouse()
  await using house = opened
  editOpportunity(house, pair.w, contacts([mara.w, 'Champion'], [ben.w, '']))
  await house.settled()
  assert.deepEqual(contactWritesOf(house), { rows: 2, deals: 0, opportunities: 0 })
  house.outreach.person.update('opportunityProspectRole', rowsOf(house, pair.o)[0]?.id ?? 0, {
    attributes: { primary: true },
  })
  await house.settled()
  assert.deepEqual(contactWritesOf(house), { rows: 2, deals: 0, opportunities: 0 })
})

test('after a restart nobody knows the rows: a changed role names its row only, and is still found', async () => {
  const { house: opened, mara, pair } = await startUnreliableHouse()
  await using house = opened
  await house.restart()
  changeRole(house, rowsOf(house, pair.o)[0]?.id ?? 0, 'Champion')
  await house.settled()
  assert.deepEqual(contactsOf(house, pair.w), [`${mara.w} Champion`])
})

test('a row is moved to another opportunity: both follow', async () => {
  const { house: opened, mara, pair } = await startUnreliableHouse()
  await using house = opened
  const other = await createOpportunityPair(house)
  house.outreach.person.update('opportunityProspectRole', rowsOf(house, pair.o)[0]?.id ?? 0, {
    links: { opportunity: other.o },
  })
  await house.settled()
  assert.deepEqual(contactsOf(house, pair.w), [])
  assert.deepEqual(contactsOf(house, other.w), [`${mara.w} Partner`])
})

test('a role with a comma cannot be written to Workbooks: it is left out with the reason, the rest goes on', async () => {
  const { house: opened, mara, ben, pair } = await startUnreliableHouse()
  await using house = opened
  addRole(house, { deal: pair.o, prospect: ben.o, role: 'Buyer, Finance' })
  editDeal(house, pair.o, { attributes: { probability: 60 } })
  await house.settled()
  assert.deepEqual(contactsOf(house, pair.w), [`${mara.w} Partner`])
  assert.equal(opportunity(house, pair.w)['probability'], 60)
  await syncByOps(house, `outreach:opportunity:${pair.o}`)
  const told = await newestOutcome(house, `outreach:opportunity:${pair.o}`)
  assert.match(told.reason ?? '', /opportunity_contact_ids \(a role has a comma/)
})

test('without the right to rows contacts are left alone, said once; the opportunity goes on', async () => {
  const token = 'a-token-without-rows'
  const scope =
    'accounts.all prospects.all opportunities.all users.read opportunityStages.read stages.read'
  await using house = await startHouse({
    outreach: { accessTokens: [{ token, scope }] },
    env: { OUTREACH_ACCESS_TOKEN: token },
  })
  const mara = await createPersonPair(house, {})
  const pair = await createOpportunityPair(house, {
    probability: 10,
    ...contacts([mara.w, 'Partner']),
  })
  const stranger = silently(house, () => createProspect(house, {}))
  silently(house, () => addRole(house, { deal: pair.o, prospect: stranger }))
  editOpportunity(house, pair.w, { probability: 20 })
  await house.settled()
  assert.equal(deal(house, pair.o)['probability'], 20)
  assert.deepEqual(rolesOf(house, pair.o), [`${stranger}`])
  assert.deepEqual(contactsOf(house, pair.w), [`${mara.w} Partner`])
  const said = house.logged().split('\n')
  const lines = said.filter((line) => line.includes('left alone') && line.includes('contacts'))
  assert.equal(lines.length, house.consumers)
})

test('rows may be read and not written: the opportunity goes on, and the reason is told', async () => {
  const token = 'a-token-that-reads-rows'
  const scope =
    'accounts.all prospects.all opportunities.all users.read opportunityStages.read stages.read opportunityProspectRoles.read'
  await using house = await startHouse({
    outreach: { accessTokens: [{ token, scope }] },
    env: { OUTREACH_ACCESS_TOKEN: token },
  })
  const mara = await createPersonPair(house, {})
  const pair = await createOpportunityPair(house, {
    probability: 10,
    ...contacts([mara.w, 'Partner']),
  })
  editOpportunity(house, pair.w, { probability: 20 })
  await house.settled()
  assert.equal(deal(house, pair.o)['probability'], 20)
  assert.deepEqual(rolesOf(house, pair.o), [])
  assert.equal(opportunity(house, pair.w)['cf_opportunity_outreach_sync_error'], false)
  const { reason } = await statusOfKind(house, 'opportunity')
  assert.match(reason ?? '', /changes of contacts are left alone: .*opportunityProspectRoles/)
})

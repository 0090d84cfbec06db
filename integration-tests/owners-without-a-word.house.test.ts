import assert from 'node:assert/strict'
import { test } from 'vitest'
import { assignedTo, queueOf, setOwner, startOwnedHouse, usernameOfOwner } from './owned-records.ts'
import {
  account,
  createAccount,
  createOrganisation,
  createPair,
  editAccount,
  editOrganisation,
  organisations,
  resetCalls,
  silently,
  syncByOps,
  writesOf,
} from './records.ts'

test('when Assigned To changes to a name without a user, the owner becomes blank, once, and Assigned To stays', async () => {
  await using house = await startOwnedHouse()
  const { w, o } = await createPair(house, { name: 'Acme', [assignedTo]: 'ben.booth' })
  resetCalls(house)
  editOrganisation(house, w, { [assignedTo]: 'Sales North' })
  await house.settled()
  assert.equal(usernameOfOwner(house, o), null)
  assert.equal(queueOf(house, w), 'Sales North')
  assert.deepEqual(writesOf(house), { outreach: 1, workbooks: 0 })

  // It neither flaps nor overwrites: other edits leave both as they are.
  editOrganisation(house, w, { website: 'https://acme.example' })
  editAccount(house, o, { locality: 'York' })
  await house.settled()
  assert.equal(usernameOfOwner(house, o), null)
  assert.equal(queueOf(house, w), 'Sales North')
  editOrganisation(house, w, { [assignedTo]: 'amy.archer' })
  await house.settled()
  assert.equal(usernameOfOwner(house, o), 'amy.archer')
})

test('an owner that cannot be expressed in Workbooks is remembered in its own form: it neither flaps nor overwrites', async () => {
  await using house = await startOwnedHouse()
  const { w, o } = await createPair(house, { name: 'Acme', [assignedTo]: 'amy.archer' })
  resetCalls(house)
  setOwner(house, o, 'dev.das')
  await house.settled()
  editOrganisation(house, w, { website: 'https://acme.example' })
  await house.settled()
  editAccount(house, o, { locality: 'York' })
  await house.settled()
  await house.restart()
  await syncByOps(house, `workbooks:organisation:${w}`)
  await syncByOps(house, `outreach:account:${o}`)
  assert.equal(queueOf(house, w), 'amy.archer')
  assert.equal(usernameOfOwner(house, o), 'dev.das')
  assert.deepEqual(writesOf(house), { outreach: 1, workbooks: 1 })

  editOrganisation(house, w, { [assignedTo]: 'ben.booth' })
  await house.settled()
  assert.equal(usernameOfOwner(house, o), 'ben.booth')
})

test('an owner cleared in Outreach leaves Assigned To as it is, and is not set again', async () => {
  await using house = await startOwnedHouse()
  const { w, o } = await createPair(house, { name: 'Acme', [assignedTo]: 'amy.archer' })
  resetCalls(house)
  setOwner(house, o, null)
  await house.settled()
  await syncByOps(house, `workbooks:organisation:${w}`)
  assert.equal(queueOf(house, w), 'amy.archer')
  assert.equal(usernameOfOwner(house, o), null)
  assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 0 })

  setOwner(house, o, 'ben.booth')
  await house.settled()
  assert.equal(queueOf(house, w), 'ben.booth')
})

test('an account of somebody without a queue is created unassigned, and keeps its owner', async () => {
  await using house = await startOwnedHouse()
  const o = silently(house, () => createAccount(house, { name: 'Acme' }))
  silently(house, () => setOwner(house, o, 'dev.das'))
  await syncByOps(house, `outreach:account:${o}`)
  const [made] = organisations(house)
  assert.equal(made?.[assignedTo], 'Unassigned')
  editOrganisation(house, Number(made['id']), { website: 'https://acme.example' })
  await house.settled()
  assert.equal(account(house, o)['websiteUrl'], 'https://acme.example')
  assert.equal(usernameOfOwner(house, o), 'dev.das')
})

test('at linking an owner without a word on the other side overwrites nothing', async () => {
  await using house = await startOwnedHouse()
  const o = silently(house, () => createAccount(house, { name: 'Acme' }))
  silently(house, () => setOwner(house, o, 'dev.das'))
  const w = createOrganisation(house, {
    name: 'Acme',
    cf_organisation_outreach_id: String(o),
    [assignedTo]: 'Sales North',
  })
  await house.settled()
  assert.equal(usernameOfOwner(house, o), 'dev.das')
  assert.equal(queueOf(house, w), 'Sales North')
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import { statusOfKind, until } from './operators.ts'
import { foundOn, reconcile, startSilentHouse } from './polling.ts'
import {
  account,
  createAccount,
  createOrganisation,
  editAccount,
  editOrganisation,
  organisations,
  outreachIdOf,
} from './records.ts'

const count = 210
const path = 'crm/organisations'
/** What the poller asks Workbooks. */
const asks = '_ff\\[\\]=updated_at'

test('a Workbooks that answers in the middle of paging with delaying redirects, with and without the body, is read to the end', async () => {
  // Found, and skipped: what follows costs nothing.
  const config = { kinds: { organisation: { createInOutreach: false } } }
  await using house = await startSilentHouse({ config })
  await reconcile(house)
  const ids = Array.from({ length: 130 }, (_, at) =>
    createOrganisation(house, { name: `Acme ${at}` }),
  )
  const fault = { path, write: false, asks, hops: 1, ms: 10 } as const
  house.workbooks.faults.failNext({ ...fault, how: 'delay' })
  house.workbooks.faults.failNext({ ...fault, how: 'delay-dropping-body' })
  await reconcile(house)
  await reconcile(house)
  const found = await foundOn(house, 'workbooks.organisation')
  assert.deepEqual(new Set(found.map(({ subject }) => Number(subject))), new Set(ids))
  assert.equal(found.length, ids.length)
  const { flagged, parked } = await statusOfKind(house)
  assert.deepEqual({ flagged, parked }, { flagged: 0, parked: 0 })
})

test('an Outreach that answers 429 in the middle of paging: what was read is handled, the rest is found afterwards, nothing twice', async () => {
  await using house = await startSilentHouse()
  await reconcile(house)
  const ids = Array.from({ length: count }, (_, at) => createAccount(house, { name: `Acme ${at}` }))
  house.outreach.faults.failNext({
    ...{ method: 'GET', path: 'page%5Bafter%5D', how: '429' },
    ...{ retryAfter: 'seconds', ms: 1_000 },
  })
  await reconcile(house)
  await until('all are there', async () => {
    await reconcile(house)
    return organisations(house).length === count
  })
  const found = await foundOn(house, 'outreach.account')
  assert.deepEqual(new Set(found.map(({ subject }) => Number(subject))), new Set(ids))
  const names = new Set(organisations(house).map((row) => row['name']))
  assert.equal(names.size, count)
})

test('while Outreach is away changes of Workbooks are found all the same, and the other way round', async () => {
  await using house = await startSilentHouse()
  const w = createOrganisation(house, { name: 'Acme' })
  await reconcile(house)
  const o = outreachIdOf(house, w) ?? 0
  house.outreach.faults.set({ unavailable: true })
  editOrganisation(house, w, { industry: 'Retail' })
  const before = (await foundOn(house, 'workbooks.organisation')).length
  assert.equal((await house.ops('POST', '/ops/reconcile', {})).status, 202)
  await until('the edit was found', async () => {
    return (await foundOn(house, 'workbooks.organisation')).length > before
  })
  house.outreach.faults.set({})
  await until('it has arrived', () => account(house, o)['industry'] === 'Retail')

  house.workbooks.faults.set({ unavailable: true })
  editAccount(house, o, { locality: 'Leeds' })
  const told = (await foundOn(house, 'outreach.account')).length
  assert.equal((await house.ops('POST', '/ops/reconcile', {})).status, 202)
  await until('the edit was found', async () => {
    return (await foundOn(house, 'outreach.account')).length > told
  })
  house.workbooks.faults.clear()
  await until('it has arrived', () =>
    organisations(house).some((row) => row['main_location[town]'] === 'Leeds'),
  )
})

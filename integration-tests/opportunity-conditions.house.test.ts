import assert from 'node:assert/strict'
import { test } from 'vitest'
import {
  createDeal,
  createOpportunityPair,
  deal,
  deals,
  editDeal,
  editOpportunity,
  opportunities,
  opportunity,
  opportunityWritesOf,
  createOpportunity,
} from './opportunities.ts'
import { newestOutcome, resetCalls } from './records.ts'
import { startHouse } from './start-house.ts'

const duplicate = 'cf_opportunity_outreach_duplicate'
const error = 'cf_opportunity_outreach_sync_error'

test('Sync to Outreach is asked of opportunities both ways (seed, rulebook 3.1)', async () => {
  await using house = await startHouse()
  const asked = { cf_opportunity_sync_to_outreach: false }
  const alone = createOpportunity(house, asked)
  const { w, o } = await createOpportunityPair(house)
  assert.equal(deals(house).length, 1)
  assert.equal((await newestOutcome(house, `workbooks:opportunity:${alone}`)).condition, 1)

  editOpportunity(house, w, { ...asked, description: 'Ours alone' })
  editDeal(house, o, { attributes: { probability: 70 } })
  await house.settled()
  assert.equal(deal(house, o)['name'], 'Renewal 2026')
  assert.equal(opportunity(house, w)['probability'], 0)
})

test('Outreach Duplicate holds back only what Workbooks would receive; it follows once resolved (rulebook 3.3)', async () => {
  await using house = await startHouse()
  const { w, o } = await createOpportunityPair(house)
  editOpportunity(house, w, { [duplicate]: true, description: 'Renewal 2027' })
  await house.settled()
  assert.equal(deal(house, o)['name'], 'Renewal 2027')

  editDeal(house, o, { attributes: { probability: 70 } })
  await house.settled()
  const skipped = await newestOutcome(house, `outreach:opportunity:${o}`)
  assert.deepEqual([skipped.outcome, skipped.condition], ['skipped', 3])
  editOpportunity(house, w, { comment: 'Still sent.' })
  await house.settled()
  assert.equal(deal(house, o)['description'], 'Still sent.')
  assert.equal(opportunity(house, w)['probability'], 0)

  editOpportunity(house, w, { [duplicate]: false })
  await house.settled()
  assert.equal(opportunity(house, w)['probability'], 70)
})

test('"fails to sync for any reason": Outreach Sync Error with the reason; resetting it tries again (seed, rulebook 10)', async () => {
  await using house = await startHouse()
  const { w, o } = await createOpportunityPair(house)
  house.outreach.faults.failNext({ method: 'PATCH', how: '422' })
  editOpportunity(house, w, { description: 'Renewal 2028' })
  await house.settled()
  assert.equal(opportunity(house, w)[error], true)
  const message = String(opportunity(house, w)['cf_opportunity_outreach_error_message'])
  assert.match(message, /Name is not acceptable/)
  assert.equal(deal(house, o)['name'], 'Renewal 2026')

  resetCalls(house)
  editOpportunity(house, w, { [error]: false })
  await house.settled()
  assert.equal(deal(house, o)['name'], 'Renewal 2028')
  assert.deepEqual(opportunityWritesOf(house), { outreach: 1, workbooks: 0 })
})

test('an opportunity of Outreach is created only where the configuration allows it (rulebook 6)', async () => {
  const when = [{ attribute: 'opportunityType', is: ['New Business'] }]
  await using house = await startHouse({
    config: { kinds: { opportunity: { createInWorkbooks: { when } } } },
  })
  createDeal(house, { attributes: { name: 'Renewal', opportunityType: 'Renewal' } })
  createDeal(house, { attributes: { name: 'New', opportunityType: 'New Business' } })
  await house.settled()
  assert.deepEqual(
    opportunities(house).map((row) => row['description']),
    ['New'],
  )
})

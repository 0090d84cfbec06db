import assert from 'node:assert/strict'
import { test } from 'vitest'
import { pause, resume, statusOfKind } from './operators.ts'
import {
  createOpportunity,
  createOpportunityPair,
  deal,
  deals,
  editDeal,
  editOpportunity,
  linkOfDeal,
  opportunity,
} from './opportunities.ts'
import { accountIdOf } from './people.ts'
import { createPair, outcomesOf, silently, syncByOps } from './records.ts'
import { startHouse } from './start-house.ts'

test('operators ask for, pause, resume and count opportunities as any other kind', async () => {
  await using house = await startHouse()
  const { w, o } = await createOpportunityPair(house)
  silently(house, () => editOpportunity(house, w, { description: 'Nobody told' }))
  await syncByOps(house, `workbooks:opportunity:${w}`)
  assert.equal(deal(house, o)['name'], 'Nobody told')
  silently(house, () => editDeal(house, o, { attributes: { probability: 70 } }))
  await syncByOps(house, `outreach:opportunity:${o}`)
  assert.equal(opportunity(house, w)['probability'], 70)

  await pause(house, 'opportunity')
  editOpportunity(house, w, { description: 'While paused' })
  await house.settled()
  assert.equal(deal(house, o)['name'], 'Nobody told')
  assert.equal((await statusOfKind(house, 'opportunity')).enabled, false)
  await resume(house, 'opportunity')
  await house.settled()
  assert.equal(deal(house, o)['name'], 'While paused')
  const { enabled, reason, pairs } = await statusOfKind(house, 'opportunity')
  assert.deepEqual({ enabled, reason, pairs }, { enabled: true, reason: null, pairs: 1 })
})

test('opportunities that are switched off are kept for later; organisations go on', async () => {
  const config = { kinds: { opportunity: { enabled: false } } }
  await using house = await startHouse({ config })
  createOpportunity(house)
  await createPair(house, { name: 'Acme' })
  assert.deepEqual(deals(house), [])
  const { enabled, reason } = await statusOfKind(house, 'opportunity')
  assert.deepEqual([enabled, reason], [false, 'It is switched off in the configuration.'])
})

test('an account that vanished unnoticed is no fault of the opportunity: it waits, without a flag (rulebook 6, 10)', async () => {
  await using house = await startHouse()
  const acme = await createPair(house, { name: 'Acme' })
  const account = accountIdOf(house, acme.w)
  const { w, o } = await createOpportunityPair(house)
  silently(house, () => house.outreach.person.remove('account', account))
  editOpportunity(house, w, { party_id: acme.w })
  await house.settled()
  assert.notEqual(opportunity(house, w)['cf_opportunity_outreach_sync_error'], true)
  assert.equal(linkOfDeal(house, o, 'account'), null)
  // Whoever asked about the account found it gone; the opportunity goes on without it.
  assert.equal((await outcomesOf(house, `outreach:account:${account}`, 'gone')).length, 1)
  editDeal(house, o, { attributes: { probability: 70 } })
  await house.settled()
  assert.equal(opportunity(house, w)['party_id'], acme.w)
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import {
  createDeal,
  createOpportunityPair,
  deal,
  editDeal,
  editOpportunity,
  opportunity,
  opportunityOf,
  opportunityWritesOf,
} from './opportunities.ts'
import { onlyOutcome, resetCalls } from './records.ts'
import { startHouse, type House } from './start-house.ts'

const net = 'document_currency_net_value'

/** Somebody adds a line to a Workbooks opportunity. */
function addLine(house: House, w: number, line: { price: string; quantity: number }): number {
  const made = house.workbooks.person.create('crm/opportunity_line_items', {
    document_header_id: w,
    unit_quantity: line.quantity,
    document_currency_unit_price_value: line.price,
  })
  return Number(made['id'])
}

test('line items drive the amount: whole currency units in Outreach, a half away from zero (mapping.md)', async () => {
  await using house = await startHouse()
  const { w, o } = await createOpportunityPair(house)
  assert.equal(deal(house, o)['amount'], 0)
  addLine(house, w, { price: '100.25 GBP 0', quantity: 2 })
  await house.settled()
  assert.equal(deal(house, o)['amount'], 201)
  const discount = addLine(house, w, { price: '-1000.00 GBP 0', quantity: 1 })
  await house.settled()
  assert.equal(deal(house, o)['amount'], -800)
  house.workbooks.person.remove('crm/opportunity_line_items', discount)
  await house.settled()
  assert.equal(deal(house, o)['amount'], 201)
})

test('pennies that do not change the whole amount cost no write', async () => {
  await using house = await startHouse()
  const { w, o } = await createOpportunityPair(house, { [net]: '100.10 GBP 0' })
  resetCalls(house)
  editOpportunity(house, w, { [net]: '100.40 GBP 0' })
  await house.settled()
  assert.equal(deal(house, o)['amount'], 100)
  assert.deepEqual(opportunityWritesOf(house), { outreach: 0, workbooks: 0 })
})

test('an amount that somebody types in Outreach stays there, and Workbooks is not asked to take it', async () => {
  await using house = await startHouse()
  const { w, o } = await createOpportunityPair(house, { [net]: '100.00 GBP 0' })
  resetCalls(house)
  editDeal(house, o, { attributes: { amount: 5000 } })
  await house.settled()
  editOpportunity(house, w, { comment: 'Something else.' })
  await house.settled()
  assert.equal(deal(house, o)['amount'], 5000)
  assert.equal(opportunity(house, w)[net], '100.00 GBP 3')
  assert.deepEqual(opportunityWritesOf(house), { outreach: 1, workbooks: 0 })
  editOpportunity(house, w, { [net]: '250.00 GBP 0' })
  await house.settled()
  assert.equal(deal(house, o)['amount'], 250)
})

test('even where the configuration maps the derived amount both ways, it is left out and named', async () => {
  const both = { workbooks: net, outreach: 'amount', direction: 'both' }
  await using house = await startHouse({ config: { kinds: { opportunity: { fields: [both] } } } })
  const { w, o } = await createOpportunityPair(house, { [net]: '100.00 GBP 0' })
  editDeal(house, o, { attributes: { amount: 5000, probability: 70 } })
  await house.settled()
  assert.deepEqual(
    [opportunity(house, w)[net], opportunity(house, w)['probability']],
    ['100.00 GBP 3', 70],
  )
  const { reason } = await onlyOutcome(house, `workbooks:opportunity:${w}`, 'updated')
  assert.match(
    reason ?? '',
    /document_currency_net_value \(Workbooks derives it from the line items\)/,
  )
})

test('a close date is compared as a day: another time of the same day moves nothing', async () => {
  await using house = await startHouse()
  const o = createDeal(house, { attributes: { closeDate: '2026-06-30T17:00:00.000Z' } })
  await house.settled()
  const w = opportunityOf(house, o)
  assert.equal(opportunity(house, w)['document_date'], '30 Jun 2026')
  resetCalls(house)
  editDeal(house, o, { attributes: { closeDate: '2026-06-30T09:30:00.000Z' } })
  await house.settled()
  editOpportunity(house, w, { comment: 'Something else.' })
  await house.settled()
  assert.equal(deal(house, o)['closeDate'], '2026-06-30T09:30:00.000Z')
  assert.deepEqual(opportunityWritesOf(house), { outreach: 1, workbooks: 0 })

  editOpportunity(house, w, { document_date: ' 1 Jul 2026' })
  await house.settled()
  assert.equal(deal(house, o)['closeDate'], '2026-07-01T00:00:00.000Z')
  editDeal(house, o, { attributes: { closeDate: '2026-07-09T23:59:59.000Z' } })
  await house.settled()
  assert.equal(opportunity(house, w)['document_date'], ' 9 Jul 2026')
})

test('a close date that is cleared on one side is cleared on the other', async () => {
  await using house = await startHouse()
  const { w, o } = await createOpportunityPair(house, { document_date: '30 Jun 2026' })
  editOpportunity(house, w, { document_date: null })
  await house.settled()
  assert.equal(deal(house, o)['closeDate'], null)
  editDeal(house, o, { attributes: { closeDate: '2026-07-09T00:00:00.000Z' } })
  await house.settled()
  editDeal(house, o, { attributes: { closeDate: null } })
  await house.settled()
  assert.equal(opportunity(house, w)['document_date'], null)
})

test('both sides moved the close date to different days: a conflict names the losing day in the form of its side', async () => {
  await using house = await startHouse({
    config: {
      kinds: {
        opportunity: {
          fields: [{ workbooks: 'document_date', outreach: 'closeDate', onConflict: 'workbooks' }],
        },
      },
    },
  })
  const { w, o } = await createOpportunityPair(house, { document_date: '30 Jun 2026' })
  await house.stop()
  editOpportunity(house, w, { document_date: '1 Jul 2026' })
  editDeal(house, o, { attributes: { closeDate: '2026-08-01T12:00:00.000Z' } })
  await house.start()
  // What was said while nobody listened is asked for by hand: this version does not poll.
  await house.ops('POST', '/ops/sync', { record: `workbooks:opportunity:${w}` })
  await house.settled()
  assert.equal(deal(house, o)['closeDate'], '2026-07-01T00:00:00.000Z')
  const { conflicts } = await onlyOutcome(house, `workbooks:opportunity:${w}`, 'conflict')
  const losingValue = '2026-08-01T12:00:00.000Z'
  const [winner, loser] = ['workbooks', 'outreach']
  assert.deepEqual(conflicts, [{ field: 'document_date', winner, loser, losingValue }])
})

test('a database without the assumed columns does without them, and says so at start', async () => {
  const fields = [
    { workbooks: 'document_date', enabled: false },
    { workbooks: 'cf_opportunity_close_day', outreach: 'closeDate' },
    { workbooks: 'cf_opportunity_nowhere', outreach: 'nextStep' },
  ]
  await using house = await startHouse({ config: { kinds: { opportunity: { fields } } } })
  house.workbooks.person.create('admin/custom_fields', {
    title: 'close day',
    resource_type: 'Private::Crm::Opportunity',
    data_type: 'date',
  })
  await house.restart()
  // The customer's own column is a day because the metadata says so.
  const { w, o } = await createOpportunityPair(house, { cf_opportunity_close_day: '2 Aug 2026' })
  assert.equal(deal(house, o)['closeDate'], '2026-08-02T00:00:00.000Z')
  editDeal(house, o, { attributes: { closeDate: '2026-08-03T15:00:00.000Z' } })
  await house.settled()
  assert.equal(opportunity(house, w)['cf_opportunity_close_day'], ' 3 Aug 2026')
  assert.match(house.logged(), /"columns":\["cf_opportunity_nowhere"\]/)
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import {
  createDeal,
  createOpportunity,
  createOpportunityPair,
  deal,
  dealIdOf,
  deals,
  dealStage,
  editDeal,
  editOpportunity,
  linkOfDeal,
  opportunities,
  opportunity,
  opportunityOf,
  opportunityWritesOf,
  stageOfDeal,
} from './opportunities.ts'
import { accountIdOf } from './people.ts'
import { createPair, onlyOutcome, resetCalls } from './records.ts'
import { startHouse } from './start-house.ts'

const sales = {
  queues: ['amy.archer', 'ben.booth', 'Unassigned'],
  stages: ['Prospecting', 'Discovery', 'Proposal'],
}

/** Every column of the default mapping that people type, but for customer and owner. */
const everyColumn = {
  description: 'Larkfield – 2026 renewal',
  comment: 'Three sites, one contract.',
  document_currency: 'EUR',
  probability: 40,
  document_date: '30 Jun 2026',
  'opportunity_stage[name]': 'Discovery',
}

/** The same, as an opportunity of Outreach has them. */
const everyAttribute = {
  name: 'Larkfield – 2026 renewal',
  description: 'Three sites, one contract.',
  currencyType: 'EUR',
  probability: 40,
  closeDate: '2026-06-30T00:00:00.000Z',
}

function only(all: Readonly<Record<string, unknown>>, like: object): object {
  return Object.fromEntries(Object.keys(like).map((name) => [name, all[name]]))
}

test('an opportunity is created in Outreach with every field of the default mapping, and gets Outreach Id and URL', async () => {
  await using house = await startHouse({ workbooks: sales })
  const customer = await createPair(house, { name: 'Larkfield' })
  const amount = { document_currency_net_value: '1234.50 EUR 0' }
  const owner = { 'queue_entry[queue[name]]': 'ben.booth' }
  const columns = { ...everyColumn, ...amount, ...owner, party_id: customer.w }
  resetCalls(house)
  const { w, o } = await createOpportunityPair(house, columns)

  assert.deepEqual(only(deal(house, o), everyAttribute), everyAttribute)
  // Whole currency units; a half is rounded up.
  assert.equal(deal(house, o)['amount'], 1235)
  assert.equal(deal(house, o)['customId'], `workbooks:opportunity:${w}`)
  assert.equal(stageOfDeal(house, o), 'Discovery')
  assert.equal(linkOfDeal(house, o, 'account'), accountIdOf(house, customer.w))
  const users = house.outreach.person.list('user')
  const ben = users.find(({ attributes }) => attributes['username'] === 'ben.booth')
  assert.equal(linkOfDeal(house, o, 'owner'), ben?.id)
  const url = `https://web.outreach.io/opportunities/${o}`
  assert.equal(opportunity(house, w)['cf_opportunity_outreach_url'], url)
  const created = await onlyOutcome(house, `workbooks:opportunity:${w}`, 'created')
  assert.deepEqual([created.system, created.pair.outreach], ['outreach', String(o)])
})

test('an opportunity of Outreach becomes one in Workbooks with every field but the amount, which line items drive', async () => {
  await using house = await startHouse({ workbooks: sales })
  const customer = await createPair(house, { name: 'Larkfield' })
  const links = {
    account: accountIdOf(house, customer.w),
    opportunityStage: dealStage(house, 'Discovery'),
  }
  const o = createDeal(house, { attributes: { ...everyAttribute, amount: 5000 }, links })
  await house.settled()

  const w = opportunityOf(house, o)
  const made = opportunity(house, w)
  assert.deepEqual(only(made, everyColumn), everyColumn)
  assert.equal(made['party_id'], customer.w)
  assert.equal(made['cf_opportunity_sync_to_outreach'], true)
  assert.equal(made['created_through_reference'], `outreach:opportunity:${o}`)
  assert.match(String(made['document_currency_net_value']), /^0\.00 /)
  // What somebody typed in Outreach stands until there are line items.
  assert.equal(deal(house, o)['amount'], 5000)
  assert.equal(deal(house, o)['customId'], null)
})

test('two opportunities of one name are two: nothing is searched by name (seed, rulebook 4)', async () => {
  await using house = await startHouse()
  createDeal(house)
  await house.settled()
  const w = createOpportunity(house)
  await house.settled()
  assert.equal(deals(house).length, 2)
  assert.equal(opportunities(house).length, 2)
  assert.notEqual(dealIdOf(house, w), undefined)
  const asked = Object.keys(house.outreach.calls.counts()).join()
  assert.doesNotMatch(asked, /filter\[name\]/)
})

test('"new and updated": an edit of each field on either side is carried over, alone and once', async () => {
  await using house = await startHouse({ workbooks: sales })
  const { w, o } = await createOpportunityPair(house, everyColumn)
  resetCalls(house)
  // prettier-ignore
  const edits: readonly (readonly [column: string, typed: unknown, attribute: string, there: unknown])[] = [
    ['description', 'Larkfield – 2027', 'name', 'Larkfield – 2027'],
    ['comment', 'Two sites.', 'description', 'Two sites.'],
    ['document_currency', 'GBP', 'currencyType', 'GBP'],
    ['probability', 60, 'probability', 60],
    ['document_date', '1 Jul 2026', 'closeDate', '2026-07-01T00:00:00.000Z'],
  ]
  for (const [column, typed, attribute, there] of edits) {
    editOpportunity(house, w, { [column]: typed })
    await house.settled()
    assert.equal(deal(house, o)[attribute], there)
  }
  assert.deepEqual(opportunityWritesOf(house), { outreach: edits.length, workbooks: 0 })
  resetCalls(house)
  // prettier-ignore
  const backwards: typeof edits = [
    ['description', 'Larkfield – 2028', 'name', 'Larkfield – 2028'],
    ['comment', 'One site.', 'description', 'One site.'],
    ['document_currency', 'USD', 'currencyType', 'USD'],
    ['probability', 80, 'probability', 80],
    ['document_date', ' 2 Aug 2026', 'closeDate', '2026-08-02T15:30:00.000Z'],
  ]
  for (const [column, there, attribute, typed] of backwards) {
    editDeal(house, o, { attributes: { [attribute]: typed } })
    await house.settled()
    assert.equal(opportunity(house, w)[column], there)
  }
  assert.deepEqual(opportunityWritesOf(house), { outreach: 0, workbooks: backwards.length })
})

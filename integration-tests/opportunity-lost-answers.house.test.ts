import assert from 'node:assert/strict'
import { test } from 'vitest'
import {
  createDeal,
  createOpportunity,
  deal,
  dealIdOf,
  deals,
  editDeal,
  editOpportunity,
  opportunities,
  opportunity,
  opportunityOf,
} from './opportunities.ts'
import { startHouse, type House } from './start-house.ts'
import { makeUnreliableNetwork, type SeenRequest, type Way } from './unreliable-network.ts'

const createsDeal = ({ method, path }: SeenRequest) =>
  method === 'POST' && path === '/api/v2/opportunities'

const createsOpportunity = ({ path, body }: SeenRequest) =>
  path.startsWith('/crm/opportunities.api') && body.includes('__method%5B%5D=POST')

async function startUnreliableHouse() {
  const network = makeUnreliableNetwork()
  return { network, house: await startHouse({ overrides: { fetch: network.fetch } }) }
}

/** Both go on in step after the create. */
async function assertInStep(house: House, { w, o }: { w: number; o: number }): Promise<void> {
  editOpportunity(house, w, { description: 'From Workbooks' })
  await house.settled()
  assert.equal(deal(house, o)['name'], 'From Workbooks')
  editDeal(house, o, { attributes: { name: 'From Outreach' } })
  await house.settled()
  assert.equal(opportunity(house, w)['description'], 'From Outreach')
  assert.notEqual(opportunity(house, w)['cf_opportunity_outreach_sync_error'], true)
  assert.notEqual(opportunity(house, w)['cf_opportunity_outreach_duplicate'], true)
}

const ways: readonly Way[] = ['reset-after-commit', 'half-reply', '502-after-commit']

test.each(ways)(
  'a create in Outreach whose answer was lost (%s) is found by customId: one opportunity, though no name is searched',
  async (how) => {
    const { network, house: opened } = await startUnreliableHouse()
    await using house = opened
    // The same name stands there already, and is somebody else's.
    const other = createDeal(house, { attributes: { customId: 'K-17' } })
    await house.settled()
    network.fail({ on: createsDeal, how })
    const w = createOpportunity(house)
    await house.settled()
    assert.equal(network.faultsLeft(), 0)
    assert.equal(network.count(createsDeal), 1)
    assert.equal(deals(house).length, 2)
    const o = dealIdOf(house, w) ?? 0
    assert.notEqual(o, other)
    await assertInStep(house, { w, o })
    assert.equal(deal(house, other)['customId'], 'K-17')
  },
)

test.each(ways)(
  'a create in Workbooks whose answer was lost (%s) is found by created_through_reference: one opportunity',
  async (how) => {
    const { network, house: opened } = await startUnreliableHouse()
    await using house = opened
    network.fail({ on: createsOpportunity, how })
    const o = createDeal(house, { attributes: { amount: 5000 } })
    await house.settled()
    assert.equal(network.faultsLeft(), 0)
    assert.equal(network.count(createsOpportunity), 1)
    assert.equal(opportunities(house).length, 1)
    await assertInStep(house, { w: opportunityOf(house, o), o })
    // That Workbooks has no line items yet is no word about what was typed in Outreach.
    assert.equal(deal(house, o)['amount'], 5000)
  },
)

test('an opportunity whose create never arrived is created after two looks, once', async () => {
  const { network, house: opened } = await startUnreliableHouse()
  await using house = opened
  network.fail({ on: createsDeal, how: 'lost-on-the-way' })
  const w = createOpportunity(house)
  await house.settled()
  assert.equal(network.count(createsDeal), 2)
  assert.equal(deals(house).length, 1)
  await assertInStep(house, { w, o: dealIdOf(house, w) ?? 0 })
})

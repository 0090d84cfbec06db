import assert from 'node:assert/strict'
import { test } from 'vitest'
import { statusOfKind } from './operators.ts'
import {
  createDeal,
  createOpportunity,
  createOpportunityPair,
  dealIdOf,
  dealStage,
  editDeal,
  editOpportunity,
  opportunity,
  opportunityOf,
  opportunityWritesOf,
  deal,
  stageOfDeal,
} from './opportunities.ts'
import { anHourAgo, onlyOutcome, resetCalls } from './records.ts'
import { startHouse, type House } from './start-house.ts'

const stage = 'opportunity_stage[name]'

/** Names of Workbooks: two of its own for Discovery, one that both have, one that only it has. */
const database = { stages: ['Lead', 'Qualified', 'proposal', 'Legal review'] }
const table = { Lead: 'Discovery', Qualified: 'Discovery' }

const workbooksStage = (house: House, w: number) => opportunity(house, w)[stage]

test('a stage goes through the table, else by equal name, case aside, both ways (mapping.md)', async () => {
  await using house = await startHouse({
    workbooks: database,
    config: { opportunityStages: table },
  })
  const { w, o } = await createOpportunityPair(house, { [stage]: 'Lead' })
  assert.equal(stageOfDeal(house, o), 'Discovery')
  editOpportunity(house, w, { [stage]: 'proposal' })
  await house.settled()
  assert.equal(stageOfDeal(house, o), 'Proposal')
  editDeal(house, o, { links: { opportunityStage: dealStage(house, 'Discovery') } })
  await house.settled()
  // Of two names for one stage the first of the table.
  assert.equal(workbooksStage(house, w), 'Lead')
  editDeal(house, o, { links: { opportunityStage: dealStage(house, 'Proposal') } })
  await house.settled()
  assert.equal(workbooksStage(house, w), 'proposal')
})

test('two names of Workbooks for one stage of Outreach do not flap: from one to the other nothing is written', async () => {
  await using house = await startHouse({
    workbooks: database,
    config: { opportunityStages: table },
  })
  const { w, o } = await createOpportunityPair(house, { [stage]: 'Lead' })
  resetCalls(house)
  editOpportunity(house, w, { [stage]: 'Qualified' })
  await house.settled()
  editDeal(house, o, { attributes: { probability: 30 } })
  await house.settled()
  assert.equal(workbooksStage(house, w), 'Qualified')
  assert.equal(stageOfDeal(house, o), 'Discovery')
  // The probability alone.
  assert.deepEqual(opportunityWritesOf(house), { outreach: 0, workbooks: 1 })
})

test('an unmapped stage is left alone and named in the outcome, both ways; the rest is synchronised', async () => {
  await using house = await startHouse({ workbooks: database })
  const w = createOpportunity(house, { [stage]: 'Legal review', probability: 50 })
  await house.settled()
  const o = dealIdOf(house, w) ?? 0
  assert.deepEqual([stageOfDeal(house, o), deal(house, o)['probability']], [null, 50])
  const created = await onlyOutcome(house, `workbooks:opportunity:${w}`, 'created')
  assert.match(
    created.reason ?? '',
    /opportunity_stage\[name\] \(Outreach has no stage "Legal review"/,
  )

  const other = createDeal(house, {
    attributes: { probability: 60 },
    links: { opportunityStage: dealStage(house, 'Negotiation') },
  })
  await house.settled()
  const made = opportunity(house, opportunityOf(house, other))
  assert.deepEqual([made[stage], made['probability']], [null, 60])
  const told = await onlyOutcome(house, `outreach:opportunity:${other}`, 'created')
  assert.match(told.reason ?? '', /Workbooks has no stage for "Negotiation"/)
  assert.notEqual(made['cf_opportunity_outreach_sync_error'], true)
})

test('a stage that was renamed on either side changes nothing by itself', async () => {
  await using house = await startHouse({ workbooks: database })
  const { w, o } = await createOpportunityPair(house, { [stage]: 'proposal' })
  house.outreach.person.update('opportunityStage', dealStage(house, 'Proposal'), {
    attributes: { name: 'Offer' },
  })
  await house.restart()
  resetCalls(house)
  editOpportunity(house, w, { comment: 'Only this.' })
  await house.settled()
  assert.equal(deal(house, o)['description'], 'Only this.')
  assert.deepEqual([workbooksStage(house, w), stageOfDeal(house, o)], ['proposal', 'Offer'])
  assert.deepEqual(opportunityWritesOf(house), { outreach: 1, workbooks: 0 })
})

test.each(['opportunityStage', 'stage'] as const)(
  'a webhook that calls the stage "%s" names it: of a pair from before our time that stage wins, and the rest stands apart',
  async (opportunityStageAs) => {
    await using house = await startHouse({ workbooks: database })
    house.outreach.webhooks.change({ opportunityStageAs })
    const { w, o } = anHourAgo(house, () => {
      const made = createDeal(house, { attributes: { probability: 60 } })
      const old = { cf_opportunity_outreach_id: String(made), probability: 20, [stage]: 'Lead' }
      return { o: made, w: createOpportunity(house, { ...old, description: 'Renewal 2026' }) }
    })
    editDeal(house, o, { links: { opportunityStage: dealStage(house, 'Proposal') } })
    await house.settled()
    assert.equal(workbooksStage(house, w), 'proposal')
    assert.deepEqual(
      [opportunity(house, w)['probability'], deal(house, o)['probability']],
      [20, 60],
    )
  },
)

test('a stage that Outreach does not take any more is left out, and no flag is set', async () => {
  await using house = await startHouse({ workbooks: database })
  const { w, o } = await createOpportunityPair(house, { probability: 10 })
  const proposal = dealStage(house, 'Proposal')
  const { o: warm } = await createOpportunityPair(house, { [stage]: 'proposal' })
  assert.equal(stageOfDeal(house, warm), 'Proposal')
  house.outreach.person.remove('opportunityStage', proposal)
  editOpportunity(house, w, { [stage]: 'proposal', probability: 20 })
  await house.settled()
  assert.equal(deal(house, o)['probability'], 20)
  assert.notEqual(opportunity(house, w)['cf_opportunity_outreach_sync_error'], true)
  const { reason } = await onlyOutcome(house, `workbooks:opportunity:${w}`, 'updated')
  assert.match(reason ?? '', /Outreach does not take its stage "Proposal"/)
})

test('without the right to read stages they are left alone, said once in the log and in ops status; the rest goes on', async () => {
  const token = 'a-token-without-stages'
  const scope = 'accounts.all prospects.all opportunities.all users.read'
  await using house = await startHouse({
    workbooks: database,
    outreach: { accessTokens: [{ token, scope }] },
    env: { OUTREACH_ACCESS_TOKEN: token },
  })
  const { w, o } = await createOpportunityPair(house, { [stage]: 'proposal', probability: 10 })
  editOpportunity(house, w, { probability: 20, [stage]: 'Lead' })
  await house.settled()
  assert.deepEqual([deal(house, o)['probability'], stageOfDeal(house, o)], [20, null])
  const said = house
    .logged()
    .split('\n')
    .filter((line) => line.includes('left alone') && line.includes('stages'))
  // By each process that came to know it.
  assert.ok(said.length >= 1 && said.length <= house.consumers, `said ${said.length} times`)
  const { enabled, reason } = await statusOfKind(house, 'opportunity')
  assert.equal(enabled, true)
  assert.match(reason ?? '', /Its stages are left alone: .*opportunityStages\.read/)
})

test('a stage that Workbooks does not take, though the table names it, is left out, and no flag is set', async () => {
  // Its stages cannot be listed, so that only the table says which there are.
  await using house = await startHouse({
    workbooks: database,
    config: { opportunityStages: { Dreamt: 'Proposal' } },
  })
  house.workbooks.faults.failNext({ path: 'crm/opportunity_stages', how: '404', count: 9 })
  const { w, o } = await createOpportunityPair(house, { probability: 10 })
  resetCalls(house)
  editDeal(house, o, {
    attributes: { probability: 90 },
    links: { opportunityStage: dealStage(house, 'Proposal') },
  })
  await house.settled()
  assert.equal(opportunity(house, w)['probability'], 90)
  assert.notEqual(opportunity(house, w)['cf_opportunity_outreach_sync_error'], true)
  const { reason } = await onlyOutcome(house, `workbooks:opportunity:${w}`, 'updated')
  assert.match(reason ?? '', /Workbooks has no stage for "Proposal"/)
  // Tried once by each consumer with the stage, and then without.
  const { workbooks: writes } = opportunityWritesOf(house)
  assert.ok(writes > 1 && writes <= 1 + house.consumers, `${writes} writes`)
})

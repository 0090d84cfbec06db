import assert from 'node:assert/strict'
import { test } from 'vitest'
import {
  createDeal,
  createOpportunity,
  createOpportunityPair,
  deal,
  dealIdOf,
  editDeal,
  editOpportunity,
  linkOfDeal,
  opportunity,
  opportunityOf,
  opportunityWritesOf,
} from './opportunities.ts'
import { accountIdOf, createPerson } from './people.ts'
import {
  createAccount,
  createOrganisation,
  createPair,
  editOrganisation,
  newestOutcome,
  onlyOutcome,
  organisations,
  outcomesOf,
  outreachIdOf,
  resetCalls,
} from './records.ts'
import { startHouse, type House } from './start-house.ts'

const accountOfDeal = (house: House, o: number) => linkOfDeal(house, o, 'account')
const unasked = { cf_organisation_sync_to_outreach: false }

test('the customer follows: moved, cleared and set on either side, each by one write', async () => {
  await using house = await startHouse()
  const [acme, borealis] = [
    await createPair(house, { name: 'Acme' }),
    await createPair(house, { name: 'Borealis' }),
  ]
  const { w, o } = await createOpportunityPair(house, { party_id: acme.w })
  assert.equal(accountOfDeal(house, o), acme.o)
  resetCalls(house)
  editOpportunity(house, w, { party_id: borealis.w })
  await house.settled()
  assert.equal(accountOfDeal(house, o), borealis.o)
  editOpportunity(house, w, { party_id: null })
  await house.settled()
  assert.equal(accountOfDeal(house, o), null)
  assert.deepEqual(opportunityWritesOf(house), { outreach: 2, workbooks: 0 })

  resetCalls(house)
  editDeal(house, o, { links: { account: acme.o } })
  await house.settled()
  assert.equal(opportunity(house, w)['party_id'], acme.w)
  editDeal(house, o, { links: { account: null } })
  await house.settled()
  assert.equal(opportunity(house, w)['party_id'], null)
  assert.deepEqual(opportunityWritesOf(house), { outreach: 0, workbooks: 2 })
})

test('parent first, from Workbooks: the customer that is not linked yet is asked for, and the link follows', async () => {
  await using house = await startHouse()
  // Announced by nobody but the opportunity: its own event came before it was ticked.
  const acme = createOrganisation(house, { name: 'Acme', ...unasked })
  const w = createOpportunity(house, { party_id: acme })
  await house.settled()
  const o = dealIdOf(house, w) ?? 0
  assert.equal(accountOfDeal(house, o), null)
  const created = await onlyOutcome(house, `workbooks:opportunity:${w}`, 'created')
  assert.match(
    created.reason ?? '',
    new RegExp(`party_id waits for workbooks:organisation:${acme}`),
  )
  // It may not be synchronised: it is waited for, and not asked for again.
  assert.equal((await outcomesOf(house, `workbooks:organisation:${acme}`, 'skipped')).length, 2)
  editOpportunity(house, w, { probability: 30 })
  await house.settled()
  assert.equal((await outcomesOf(house, `workbooks:organisation:${acme}`, 'skipped')).length, 2)

  resetCalls(house)
  editOrganisation(house, acme, { cf_organisation_sync_to_outreach: true })
  await house.settled()
  assert.equal(accountOfDeal(house, o), accountIdOf(house, acme))
  assert.equal(opportunity(house, w)['party_id'], acme)
  assert.equal(opportunityWritesOf(house).outreach, 1)
})

test('parent first, from Outreach: the account is brought to Workbooks, and the opportunity has its organisation', async () => {
  await using house = await startHouse({
    config: {
      kinds: {
        organisation: { createInWorkbooks: { when: [{ attribute: 'industry', is: ['Food'] }] } },
      },
    },
  })
  const allowed = createAccount(house, { name: 'Acme', industry: 'Food' })
  const refused = createAccount(house, { name: 'Borealis' })
  const one = createDeal(house, { links: { account: allowed } })
  const two = createDeal(house, { attributes: { name: 'Other' }, links: { account: refused } })
  await house.settled()
  const acme = organisations(house).find((row) => row['name'] === 'Acme')
  assert.equal(opportunity(house, opportunityOf(house, one))['party_id'], acme?.['id'])

  const w = opportunityOf(house, two)
  assert.equal(opportunity(house, w)['party_id'], null)
  const created = await onlyOutcome(house, `outreach:opportunity:${two}`, 'created')
  assert.match(created.reason ?? '', new RegExp(`party_id waits for outreach:account:${refused}`))
  // The link follows, and nothing of the wait came back as a change.
  assert.equal(accountOfDeal(house, two), refused)
  house.outreach.person.update('account', refused, { attributes: { industry: 'Food' } })
  await house.settled()
  const borealis = organisations(house).find((row) => row['name'] === 'Borealis')
  assert.equal(opportunity(house, w)['party_id'], borealis?.['id'])
})

test('a person as customer is left out with a sentence: not waited for, not asked for as an organisation', async () => {
  await using house = await startHouse()
  const mara = createPerson(house, {})
  await house.settled()
  resetCalls(house)
  const w = createOpportunity(house, { party_id: mara, probability: 20 })
  await house.settled()
  const o = dealIdOf(house, w) ?? 0
  assert.deepEqual([accountOfDeal(house, o), deal(house, o)['probability']], [null, 20])
  const created = await onlyOutcome(house, `workbooks:opportunity:${w}`, 'created')
  assert.match(created.reason ?? '', /party_id \(Workbooks shows no organisation of this id\)/)
  assert.doesNotMatch(created.reason ?? '', /waits for/)
  assert.deepEqual(await house.outcomes(`workbooks:organisation:${mara}`), [])
  // One look of each consumer for all who ask it within a minute.
  const looks = () => house.workbooks.calls.counts()['read crm/organisations'] ?? 0
  assert.ok(looks() > 0 && looks() <= house.consumers, `${looks()} looks`)

  editOpportunity(house, w, { probability: 30 })
  await house.settled()
  assert.equal(deal(house, o)['probability'], 30)
  assert.equal(opportunity(house, w)['party_id'], mara)
  assert.ok(looks() <= house.consumers, `${looks()} looks`)
  assert.notEqual(opportunity(house, w)['cf_opportunity_outreach_sync_error'], true)
})

test('a customer changed from an organisation to a person leaves the account as it is, and says so', async () => {
  await using house = await startHouse()
  const acme = await createPair(house, { name: 'Acme' })
  const mara = createPerson(house, {})
  const { w, o } = await createOpportunityPair(house, { party_id: acme.w })
  editOpportunity(house, w, { party_id: mara })
  await house.settled()
  assert.equal(accountOfDeal(house, o), acme.o)
  const { reason } = await newestOutcome(house, `workbooks:opportunity:${w}`)
  assert.match(reason ?? '', /party_id \(Workbooks shows no organisation of this id\)/)
  // Somebody in Outreach says otherwise: that is a change like any other.
  const borealis = await createPair(house, { name: 'Borealis' })
  editOpportunity(house, w, { party_id: acme.w })
  await house.settled()
  editDeal(house, o, { links: { account: borealis.o } })
  await house.settled()
  assert.equal(opportunity(house, w)['party_id'], borealis.w)
})

test('an account that was deleted takes no customer away', async () => {
  await using house = await startHouse()
  const acme = await createPair(house, { name: 'Acme' })
  const { w, o } = await createOpportunityPair(house, { party_id: acme.w })
  house.outreach.person.remove('account', acme.o)
  await house.settled()
  editDeal(house, o, { attributes: { probability: 90 } })
  await house.settled()
  assert.equal(opportunity(house, w)['probability'], 90)
  assert.equal(opportunity(house, w)['party_id'], acme.w)
  assert.notEqual(outreachIdOf(house, acme.w), undefined)
})

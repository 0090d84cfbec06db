import assert from 'node:assert/strict'
import { test } from 'vitest'
import { addRole, contacts, contactsOf, rolesOf } from './contacts.ts'
import { readStatus, until } from './operators.ts'
import {
  createDeal,
  createOpportunity,
  dealIdOf,
  deals,
  editOpportunity,
  opportunities,
  opportunityOf,
} from './opportunities.ts'
import { createPerson, createProspect, people, prospectIdOf } from './people.ts'
import { reconcile, startSilentHouse } from './polling.ts'
import { anHourAgo, organisations, createAccount, silently } from './records.ts'
import { startHouse } from './start-house.ts'

test('a backfill brings old opportunities, once, with the account and the prospects that stand on them', async () => {
  await using house = await startHouse({
    before: (systems) =>
      anHourAgo(systems, () => {
        const account = createAccount(systems, { name: 'Acme' })
        for (let at = 0; at < 12; at += 1) {
          const attributes = { emails: [`p${at}@acme.example`] }
          const prospect = createProspect(systems, { attributes, account })
          const deal = createDeal(systems, {
            attributes: { name: `Old ${at}` },
            links: { account },
          })
          addRole(systems, { deal, prospect, role: 'Buyer' })
        }
      }),
  })
  await house.settled()
  assert.deepEqual(opportunities(house), [])
  for (let turn = 0; turn < 2; turn += 1) {
    const ordered = await house.ops('POST', '/ops/backfills', { kind: 'opportunity' })
    assert.equal(ordered.status, 202)
    await house.settled()
    assert.equal(opportunities(house).length, 12)
    assert.equal(organisations(house).length, 1)
    assert.equal(people(house).length, 12)
    for (const { id } of deals(house)) {
      assert.equal(contactsOf(house, opportunityOf(house, id)).length, 1, `contacts of deal ${id}`)
    }
  }
})

test('opportunities without an Outreach Id are found however old they are, with who is on them', async () => {
  await using house = await startSilentHouse()
  const mara = createPerson(house, { 'main_location[email]': 'mara@acme.example' })
  await reconcile(house)
  const { one, flagged } = anHourAgo(house, () => {
    const columns = contacts([mara, 'Partner'])
    const off = { ...columns, cf_opportunity_sync_to_outreach: false }
    return { one: createOpportunity(house, columns), flagged: createOpportunity(house, off) }
  })
  await reconcile(house)
  assert.deepEqual(rolesOf(house, dealIdOf(house, one) ?? 0), [
    `${prospectIdOf(house, mara) ?? 0} Partner`,
  ])
  assert.equal(deals(house).length, 1)
  anHourAgo(house, () => editOpportunity(house, flagged, { cf_opportunity_sync_to_outreach: true }))
  await reconcile(house)
  assert.equal(deals(house).length, 2)
})

test('a role that no webhook told is counted as missed, as what it is; one that was told is not', async () => {
  await using house = await startHouse({ overrides: { fairMs: 300 } })
  const mara = createPerson(house, { 'main_location[email]': 'mara@acme.example' })
  const w = createOpportunity(house, {})
  await house.settled()
  const [prospect, deal] = [prospectIdOf(house, mara) ?? 0, dealIdOf(house, w) ?? 0]
  const missesOf = async () => {
    const { misses } = await readStatus(house)
    const own = misses.find(({ resource }) => resource === 'outreach.opportunityProspectRole')
    return { announced: own?.announced ?? 0, found: own?.found ?? 0 }
  }
  const secondsPass = () => {
    house.outreach.clock.advance(2_000)
    house.workbooks.clock.advance(2_000)
  }
  addRole(house, { deal, prospect, role: 'Buyer' })
  await house.settled()
  await reconcile(house)
  await until('it is announced', async () => (await missesOf()).announced === 1)
  secondsPass()
  silently(house, () => addRole(house, { deal, prospect, role: 'Champion' }))
  secondsPass()
  await reconcile(house)
  await until('one is missed', async () => (await missesOf()).found === 1)
  assert.equal(contactsOf(house, w).length, 2)
})

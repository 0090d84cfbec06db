import assert from 'node:assert/strict'
import { test } from 'vitest'
import {
  account,
  createAccount,
  createOrganisation,
  createPair,
  organisation,
  organisations,
  outreachIdOf,
  silently,
  syncByOps,
} from './records.ts'
import { startHouse, type House } from './start-house.ts'

const isFlagged = (house: House, w: number) =>
  organisation(house, w)['cf_organisation_outreach_duplicate'] === true

const accountCount = (house: House) => house.outreach.person.list('account').length

test.each([['name'], ['customId'], ['name', 'customId', 'named']])(
  'filters that Outreach ignores (%s, …) link, flag and adopt no stranger',
  async (...ignoredFilters) => {
    await using house = await startHouse({
      config: { kinds: { organisation: { matching: 'link' } } },
      outreach: { rules: { ignoredFilters } },
    })
    silently(house, () => createAccount(house, { name: 'Stranger', customId: 'CUST-1' }))
    const { w, o } = await createPair(house, { name: 'Acme' })
    const { w: w2, o: o2 } = await createPair(house, { name: 'Borealis' })
    assert.deepEqual([account(house, o)['name'], account(house, o2)['name']], ['Acme', 'Borealis'])
    assert.deepEqual([isFlagged(house, w), isFlagged(house, w2)], [false, false])
    assert.deepEqual([accountCount(house), organisations(house).length], [3, 2])
  },
)

test.each([['name'], ['created_through_reference'], ['cf_organisation_outreach_id']])(
  'a filter that Workbooks ignores (%s) links, flags and adopts no stranger',
  async (...ignoredFilters) => {
    await using house = await startHouse({
      config: { kinds: { organisation: { matching: 'link' } } },
      workbooks: { behaviour: { ignoredFilters } },
    })
    const stranger = silently(house, () => createOrganisation(house, { name: 'Stranger' }))
    const { w } = await createPair(house, { name: 'Acme' })
    const o = createAccount(house, { name: 'Borealis' })
    await house.settled()
    assert.deepEqual(
      organisations(house).map(({ name, cf_organisation_outreach_id: id }) => [name, id]),
      [
        ['Stranger', null],
        ['Acme', String(outreachIdOf(house, w))],
        ['Borealis', String(o)],
      ],
    )
    await syncByOps(house, `outreach:account:${o}`)
    assert.equal(isFlagged(house, stranger), false)
    assert.equal(organisations(house).length, 3)
  },
)

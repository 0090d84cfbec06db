import assert from 'node:assert/strict'
import { test } from 'vitest'
import {
  account,
  accountsNamed,
  createAccount,
  createOrganisation,
  createPair,
  onlyOutcome,
  organisation,
  organisations,
  outcomesOf,
  outreachIdOf,
  silently,
  syncByOps,
} from './records.ts'
import { startHouse, type House } from './start-house.ts'

const isFlagged = (house: House, w: number) =>
  organisation(house, w)['cf_organisation_outreach_duplicate'] === true ||
  organisation(house, w)['cf_organisation_outreach_sync_error'] === true

const organisationsNamed = (house: House, name: string) =>
  organisations(house).filter((row) => row['name'] === name)

test('two organisations of one name at once: one account, one duplicate; and so with five', async () => {
  await using house = await startHouse({ outreach: { rules: { filtersIgnoreCase: true } } })
  const two = ['Acme', 'ACME '].map((name) => createOrganisation(house, { name }))
  const five = Array.from({ length: 5 }, () => createOrganisation(house, { name: 'Borealis' }))
  await house.settled()
  for (const [ids, accounts] of [
    [two, ['Acme', 'ACME', 'ACME '].flatMap((name) => accountsNamed(house, name))],
    [five, accountsNamed(house, 'Borealis')],
  ] as const) {
    assert.equal(accounts.length, 1)
    const linked = ids.filter((w) => outreachIdOf(house, w) !== undefined)
    assert.deepEqual(
      linked.map((w) => outreachIdOf(house, w)),
      accounts,
    )
    for (const w of ids.filter((id) => !linked.includes(id))) {
      assert.ok(isFlagged(house, w))
      await onlyOutcome(house, `workbooks:organisation:${w}`, 'duplicate')
    }
  }
})

test('two accounts of one name at once: one organisation, one duplicate', async () => {
  await using house = await startHouse()
  const made = ['Acme', 'Acme'].map((name) => createAccount(house, { name }))
  await house.settled()
  const [only, second] = organisationsNamed(house, 'Acme')
  assert.equal(second, undefined)
  const partner = Number(only?.['cf_organisation_outreach_id'])
  const [other] = made.filter((o) => o !== partner)
  const { pair } = await onlyOutcome(house, `outreach:account:${other ?? 0}`, 'duplicate')
  assert.deepEqual(pair, { workbooks: String(only?.['id']), outreach: String(other) })
})

test('an organisation and an account of one name at once: neither is made again, and the organisation is flagged', async () => {
  await using house = await startHouse()
  const made = Array.from({ length: 6 }, (_, at) => ({
    name: `Company ${at}`,
    w: createOrganisation(house, { name: `Company ${at}` }),
    o: createAccount(house, { name: `Company ${at}` }),
  }))
  await house.settled()
  for (const { name, w, o } of made) {
    assert.deepEqual(accountsNamed(house, name), [o])
    assert.equal(organisationsNamed(house, name).length, 1)
    assert.ok(isFlagged(house, w))
    assert.equal(outreachIdOf(house, w), undefined)
    const told = await outcomesOf(house, `workbooks:organisation:${w}`, 'duplicate')
    assert.ok(told.length > 0)
  }
})

test('the same webhook doubled, re-signed and out of order, and asked for by ops as well: one record each', async () => {
  await using house = await startHouse({ outreach: { seed: 7 }, workbooks: { seed: 7 } })
  house.outreach.webhooks.change({ duplicates: 1, keepsOrder: false })
  house.workbooks.hooks.setDisorder({ duplicates: 1, resigned: 1, reorder: 0.5 })
  const w = createOrganisation(house, { name: 'Acme' })
  const o = createAccount(house, { name: 'Borealis' })
  await Promise.all([
    syncByOps(house, `workbooks:organisation:${w}`),
    syncByOps(house, `outreach:account:${o}`),
    syncByOps(house, `workbooks:organisation:${w}`),
  ])
  assert.deepEqual(accountsNamed(house, 'Acme'), [outreachIdOf(house, w)])
  assert.equal(organisationsNamed(house, 'Borealis').length, 1)
  assert.equal(isFlagged(house, w), false)
})

test('our reference is looked up before any create: an account that carries it is adopted, whatever its name', async () => {
  await using house = await startHouse()
  const { w, o } = await createPair(house, { name: 'Acme' })
  const next = silently(house, () => createOrganisation(house, { name: 'Borealis' }))
  const made = silently(house, () =>
    createAccount(house, { name: 'Northern Lights', customId: `workbooks:organisation:${next}` }),
  )
  await syncByOps(house, `workbooks:organisation:${next}`)
  assert.equal(outreachIdOf(house, next), made)
  assert.equal(account(house, made)['name'], 'Borealis')
  assert.equal(outreachIdOf(house, w), o)
  assert.equal(isFlagged(house, next), false)
})

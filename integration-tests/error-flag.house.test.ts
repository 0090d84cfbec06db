import assert from 'node:assert/strict'
import { test } from 'vitest'
import { resume, statusOfKind } from './operators.ts'
import {
  account,
  accountsNamed,
  createAccount,
  createOrganisation,
  createPair,
  editAccount,
  editOrganisation,
  newestOutcome,
  organisation,
  organisations,
  outreachIdOf,
  renameOrganisation,
  resetCalls,
  writesOf,
} from './records.ts'
import { startHouse, type House } from './start-house.ts'

const flag = 'cf_organisation_outreach_sync_error'
const message = 'cf_organisation_outreach_error_message'

async function assertFlagged(house: House, w: number, words: RegExp): Promise<void> {
  const columns = organisation(house, w)
  assert.equal(columns[flag], true)
  assert.match(String(columns[message]), words)
  // The flag's own echo may have been skipped since.
  const told = await house.outcomes(`workbooks:organisation:${w}`)
  const failed = told.filter(({ outcome }) => outcome === 'failed')
  assert.equal(failed.length, 1)
  assert.match(failed[0]?.reason ?? '', words)
  assert.equal((await statusOfKind(house)).flagged, 1)
}

test.each([
  { how: '422', words: /Name is not acceptable/ },
  { how: '403', words: /not authorized to perform that request/ },
] as const)(
  'Outreach refuses an update ($how): flag, message and outcome; excluded until a person resets the flag, then tried again at once',
  async ({ how, words }) => {
    await using house = await startHouse()
    const { w, o } = await createPair(house, { name: 'Acme' })
    house.outreach.faults.failNext({ method: 'PATCH', how })
    renameOrganisation(house, w, 'Acme?')
    await house.settled()
    await assertFlagged(house, w, words)
    assert.equal(account(house, o)['name'], 'Acme')

    resetCalls(house)
    renameOrganisation(house, w, 'Acme!')
    editAccount(house, o, { industry: 'Food' })
    await house.settled()
    assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 0 })
    for (const record of [`workbooks:organisation:${w}`, `outreach:account:${o}`]) {
      const { outcome, condition } = await newestOutcome(house, record)
      assert.deepEqual({ outcome, condition }, { outcome: 'skipped', condition: 2 })
    }

    editOrganisation(house, w, { [flag]: false })
    await house.settled()
    assert.equal(account(house, o)['name'], 'Acme!')
    assert.equal(organisation(house, w)['industry'], 'Food')
    assert.equal((await statusOfKind(house)).flagged, 0)
  },
)

test('Outreach refuses a create: the organisation is flagged with the reason, and created once the flag is reset', async () => {
  await using house = await startHouse()
  house.outreach.faults.failNext({ method: 'POST', path: '/accounts', how: '422' })
  const w = createOrganisation(house, { name: 'Acme' })
  await house.settled()
  await assertFlagged(house, w, /Name is not acceptable/)
  assert.deepEqual(accountsNamed(house, 'Acme'), [])

  editOrganisation(house, w, { [flag]: false })
  await house.settled()
  assert.deepEqual(accountsNamed(house, 'Acme'), [outreachIdOf(house, w)])
})

const uniqueReference = {
  kinds: { organisation: { fields: [{ workbooks: 'refcode', outreach: 'custom1' }] } },
}

test("Workbooks refuses an update: the flag goes up with the validation's own words, and the record is done once a person resets it", async () => {
  await using house = await startHouse({ config: uniqueReference })
  createOrganisation(house, { name: 'First', refcode: 'X1' })
  const { w, o } = await createPair(house, { name: 'Second' })
  editAccount(house, o, { custom1: 'X1', industry: 'Food' })
  await house.settled()
  await assertFlagged(house, w, /refcode: .* is already used/)

  editAccount(house, o, { custom1: 'X2' })
  await house.settled()
  assert.equal(organisation(house, w)['refcode'], null)
  editOrganisation(house, w, { [flag]: false })
  await house.settled()
  const { refcode, industry, [flag]: flagged } = organisation(house, w)
  assert.deepEqual(
    { refcode, industry, flagged },
    { refcode: 'X2', industry: 'Food', flagged: false },
  )
})

test('Workbooks refuses to create a record of Outreach: the outcome says why, and the next edit tries again', async () => {
  await using house = await startHouse({ config: uniqueReference })
  createOrganisation(house, { name: 'First', refcode: 'X1' })
  await house.settled()
  const o = createAccount(house, { name: 'Second', custom1: 'X1' })
  await house.settled()
  const { outcome, reason } = await newestOutcome(house, `outreach:account:${o}`)
  assert.equal(outcome, 'failed')
  assert.match(reason ?? '', /refcode: .* is already used/)
  assert.equal(organisations(house).length, 1)

  editAccount(house, o, { custom1: 'X2' })
  await house.settled()
  const names = organisations(house).map(({ name, refcode }) => [name, refcode])
  assert.deepEqual(names, [
    ['First', 'X1'],
    ['Second', 'X2'],
  ])
})

test('writing the flag can itself fail: it is part of the same unit of work and is retried until it holds', async () => {
  await using house = await startHouse()
  const { w } = await createPair(house, { name: 'Acme' })
  house.outreach.faults.failNext({ method: 'PATCH', how: '422', count: 100 })
  const path = 'crm/organisations'
  house.workbooks.faults.failNext({ path, write: true, how: 'reset-before', count: 2 })
  renameOrganisation(house, w, 'Acme?')
  await house.settled()
  await assertFlagged(house, w, /Name is not acceptable/)
})

test('a database without the column Outreach Error Message is flagged without it', async () => {
  await using house = await startHouse({ workbooks: { omitColumns: [message] } })
  const { w } = await createPair(house, { name: 'Acme' })
  house.outreach.faults.failNext({ method: 'PATCH', how: '422' })
  renameOrganisation(house, w, 'Acme?')
  await house.settled()
  assert.equal(organisation(house, w)[flag], true)
  assert.match(house.logged(), new RegExp(message))
})

test('more than 50 flags with one cause within a minute look like a set-up fault: the kind pauses and says so, and "ops resume" goes on', async () => {
  await using house = await startHouse()
  house.outreach.faults.failNext({ method: 'POST', path: '/accounts', how: '422', count: 1_000 })
  const ids = Array.from({ length: 51 }, (_, index) =>
    createOrganisation(house, { name: `Acme ${index}` }),
  )
  await house.settled()
  const { enabled, reason, flagged } = await statusOfKind(house)
  assert.equal(enabled, false)
  assert.match(reason ?? '', /More than 50 .*Name is not acceptable.*ops resume organisation/)
  assert.equal(flagged, 51)

  // Whoever comes now is not flagged but waits.
  house.outreach.faults.set({})
  const late = createOrganisation(house, { name: 'Late' })
  for (const w of ids) editOrganisation(house, w, { [flag]: false })
  await house.settled()
  assert.equal(outreachIdOf(house, late), undefined)
  assert.equal(organisation(house, late)[flag], false)
  assert.equal((await newestOutcome(house, `workbooks:organisation:${late}`)).outcome, 'parked')
  assert.deepEqual(house.outreach.person.list('account'), [])

  await resume(house, 'organisation')
  await house.settled()
  for (const w of [...ids, late]) assert.ok(outreachIdOf(house, w), `organisation ${w} is linked`)
  const after = await statusOfKind(house)
  assert.deepEqual(
    { enabled: after.enabled, flagged: after.flagged, parked: after.parked, pairs: after.pairs },
    { enabled: true, flagged: 0, parked: 0, pairs: 52 },
  )
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import {
  account,
  accountsNamed,
  anHourAgo,
  createAccount,
  createOrganisation,
  createPair,
  editAccount,
  editOrganisation,
  onlyOutcome,
  organisation,
  outreachIdOf,
  renameAccount,
  renameOrganisation,
  syncByOps,
  until,
} from './records.ts'
import { startHouse, type House } from './start-house.ts'

const id = 'cf_organisation_outreach_id'
const duplicate = 'cf_organisation_outreach_duplicate'
const syncError = 'cf_organisation_outreach_sync_error'

const isDuplicate = (house: House, w: number) => organisation(house, w)[duplicate] === true

test('a copied record with the same Outreach Id is flagged; the paired one keeps its partner', async () => {
  await using house = await startHouse()
  const { w, o } = await createPair(house, { name: 'Acme' })
  const copy = createOrganisation(house, { name: 'Acme (copy)', [id]: String(o) })
  await house.settled()

  assert.deepEqual([isDuplicate(house, w), isDuplicate(house, copy)], [false, true])
  const { pair, reason } = await onlyOutcome(house, `workbooks:organisation:${copy}`, 'duplicate')
  assert.deepEqual(pair, { workbooks: String(copy), outreach: String(o) })
  assert.match(reason ?? '', new RegExp(`\\b${w}\\b`))
  assert.equal(account(house, o)['name'], 'Acme')

  renameOrganisation(house, copy, 'Something else')
  renameOrganisation(house, w, 'Acme Ltd')
  await house.settled()
  assert.equal(account(house, o)['name'], 'Acme Ltd')
  renameAccount(house, o, 'Acme plc')
  await house.settled()
  assert.equal(organisation(house, w)['name'], 'Acme plc')
  assert.equal(organisation(house, copy)['name'], 'Something else')
})

test('a copy with a lower id does not take the partner from the paired record', async () => {
  await using house = await startHouse()
  const first = createOrganisation(house, {
    name: 'First',
    cf_organisation_sync_to_outreach: false,
  })
  const { w, o } = await createPair(house, { name: 'Acme' })
  assert.ok(first < w)
  editOrganisation(house, first, { [id]: String(o), cf_organisation_sync_to_outreach: true })
  await house.settled()
  assert.deepEqual([isDuplicate(house, first), isDuplicate(house, w)], [true, false])
  assert.equal(account(house, o)['name'], 'Acme')
})

type Start = { readonly says: string; readonly hint: (ids: Ids) => string }
type Ids = { readonly low: number; readonly high: number; readonly o: number }

// prettier-ignore
const starts: readonly Start[] = [
  { says: 'the lower record',  hint: ({ low }) => `workbooks:organisation:${low}` },
  { says: 'the higher record', hint: ({ high }) => `workbooks:organisation:${high}` },
  { says: 'the account',       hint: ({ o }) => `outreach:account:${o}` },
]

test.each(starts)(
  'before a first link ($says is met first) the lowest id keeps the Outreach Id, the other is flagged',
  async ({ hint }) => {
    await using house = await startHouse()
    const ids = anHourAgo(house, () => makeNamesakes(house, {}))
    await syncByOps(house, hint(ids))
    assert.deepEqual([isDuplicate(house, ids.low), isDuplicate(house, ids.high)], [false, true])
    await onlyOutcome(house, `workbooks:organisation:${ids.high}`, 'duplicate')

    // Whatever is met next changes nothing of it.
    for (const start of starts) await syncByOps(house, start.hint(ids))
    assert.deepEqual([isDuplicate(house, ids.low), isDuplicate(house, ids.high)], [false, true])
    renameOrganisation(house, ids.low, 'Acme plc')
    await house.settled()
    assert.equal(account(house, ids.o)['name'], 'Acme plc')
  },
)

test.each(starts)(
  'before a first link ($says is met first) the record that our reference names keeps the Outreach Id',
  async ({ hint }) => {
    await using house = await startHouse()
    const ids = anHourAgo(house, () => makeNamesakes(house, { isReferred: true }))
    await syncByOps(house, hint(ids))
    await syncByOps(house, `workbooks:organisation:${ids.low}`)
    assert.deepEqual([isDuplicate(house, ids.low), isDuplicate(house, ids.high)], [true, false])
    renameOrganisation(house, ids.high, 'Acme plc')
    await house.settled()
    assert.equal(account(house, ids.o)['name'], 'Acme plc')
  },
)

/** Two organisations with one Outreach Id, as a copied record of the old plug-in's days leaves them. */
function makeNamesakes(house: House, { isReferred = false }: { isReferred?: boolean }): Ids {
  const o = createAccount(house, { name: 'Acme' })
  const low = createOrganisation(house, { name: 'Acme', [id]: String(o) })
  const high = createOrganisation(house, { name: 'Acme', [id]: String(o) })
  if (isReferred) editAccount(house, o, { customId: `workbooks:organisation:${high}` })
  return { o, low, high }
}

test.each(['500', 'reset-before', 'reset-after-commit'] as const)(
  'the write-back is repeated until it holds when Workbooks answered %s: one account, its id on the record',
  async (how) => {
    await using house = await startHouse()
    house.workbooks.faults.failNext({ path: 'crm/organisations', write: true, how })
    const w = createOrganisation(house, { name: 'Acme' })
    await until(() => outreachIdOf(house, w) !== undefined)
    await house.settled()
    assert.deepEqual(accountsNamed(house, 'Acme'), [outreachIdOf(house, w)])
    assert.equal(organisation(house, w)[syncError], false)
    assert.equal(isDuplicate(house, w), false)
  },
)

test('before the write-back held, a blank Outreach Id is not cleared by a person: an edit of the record repeats the write-back', async () => {
  await using house = await startHouse()
  // Somebody else writes between our read and our write-back: it meets a stale lock_version.
  let w = 0
  const stop = house.outreach.faults.beforeCommit(({ method }) => {
    if (method !== 'POST') return
    editOrganisation(house, w, { website: 'https://acme.example' })
    stop()
  })
  w = createOrganisation(house, { name: 'Acme' })
  await house.settled()
  const o = outreachIdOf(house, w)
  assert.deepEqual(accountsNamed(house, 'Acme'), [o])
  assert.equal(account(house, o ?? 0)['websiteUrl'], 'https://acme.example')
  assert.equal(
    organisation(house, w)['cf_organisation_outreach_url'],
    `https://web.outreach.io/accounts/${o}`,
  )
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import {
  account,
  accountsNamed,
  createAccount,
  createOrganisation,
  createPair,
  editAccount,
  editOrganisation,
  newestOutcome,
  onlyOutcome,
  organisation,
  outcomesOf,
  outreachIdOf,
  renameAccount,
  renameOrganisation,
  resetCalls,
  silently,
  syncByOps,
  writesOf,
} from './records.ts'
import { startHouse, type House } from './start-house.ts'

const id = 'cf_organisation_outreach_id'
const duplicate = 'cf_organisation_outreach_duplicate'
const syncError = 'cf_organisation_outreach_sync_error'

const isDuplicate = (house: House, w: number) => organisation(house, w)[duplicate] === true

test('Outreach Id cleared: the account that we made from this very record is linked again, and nothing is doubled', async () => {
  await using house = await startHouse()
  const { w, o } = await createPair(house, { name: 'Acme' })
  editOrganisation(house, w, { [id]: '', name: 'Acme Ltd' })
  await house.settled()
  assert.equal(outreachIdOf(house, w), o)
  assert.equal(isDuplicate(house, w), false)
  assert.equal(account(house, o)['name'], 'Acme Ltd')
  assert.equal(house.outreach.person.list('account').length, 1)
})

test('Outreach Id cleared: the record that we made from this account is linked again, by either hint', async () => {
  await using house = await startHouse()
  const made = ['Acme', 'Borealis'].map((name) => createAccount(house, { name }))
  await house.settled()
  const pairs = house.workbooks.person
    .list('organisations')
    .map((row) => ({ w: Number(row['id']), o: Number(row[id]) }))
  assert.deepEqual(pairs.map(({ o }) => o).sort(), made)
  const [first, second] = pairs
  assert.ok(first && second)
  editOrganisation(house, first.w, { [id]: null })
  silently(house, () => editOrganisation(house, second.w, { [id]: null }))
  editAccount(house, second.o, { locality: 'York' })
  await house.settled()
  assert.equal(outreachIdOf(house, first.w), first.o)
  assert.equal(outreachIdOf(house, second.w), second.o)
  assert.equal(house.workbooks.person.list('organisations').length, 2)
  assert.equal(house.outreach.person.list('account').length, 2)
})

test('Outreach Id cleared on a pair that a person linked: any match is a duplicate; without one an account is created', async () => {
  await using house = await startHouse()
  const made = ['Acme', 'Borealis'].map((name) => {
    const o = silently(house, () => createAccount(house, { name }))
    return { o, w: createOrganisation(house, { name, [id]: String(o) }) }
  })
  await house.settled()
  const [matched, renamed] = made
  assert.ok(matched && renamed)
  editOrganisation(house, matched.w, { [id]: '' })
  editOrganisation(house, renamed.w, { [id]: '', name: 'Cygnus' })
  await house.settled()

  assert.ok(isDuplicate(house, matched.w))
  assert.equal(outreachIdOf(house, matched.w), undefined)
  assert.deepEqual(accountsNamed(house, 'Cygnus'), [outreachIdOf(house, renamed.w)])
  assert.equal(account(house, renamed.o)['name'], 'Borealis')
})

test('Outreach Id changed to another account: the record is linked with that one, the former is left alone', async () => {
  await using house = await startHouse()
  const { w, o } = await createPair(house, { name: 'Acme', website: 'https://acme.example' })
  const other = silently(house, () => createAccount(house, { name: 'Acme EMEA', locality: 'York' }))
  resetCalls(house)
  editOrganisation(house, w, { [id]: String(other) })
  await house.settled()
  assert.equal(account(house, other)['name'], 'Acme')
  assert.equal(organisation(house, w)['main_location[town]'], 'York')

  renameOrganisation(house, w, 'Acme Ltd')
  await house.settled()
  assert.equal(account(house, other)['name'], 'Acme Ltd')
  assert.equal(account(house, o)['name'], 'Acme')
  assert.equal(outreachIdOf(house, w), other)
})

test('Outreach Id moved to another record, cleared first or last or both unannounced: one partner, nothing parked', async () => {
  await using house = await startHouse()
  for (const order of ['cleared first', 'cleared last', 'both at once']) {
    const o = silently(house, () => createAccount(house, { name: `Account ${order}` }))
    const from = createOrganisation(house, { name: `From ${order}`, [id]: String(o) })
    const to = createOrganisation(house, {
      name: `To ${order}`,
      cf_organisation_sync_to_outreach: false,
    })
    await house.settled()
    const clear = () => editOrganisation(house, from, { [id]: '', name: `Left ${order}` })
    const put = () =>
      editOrganisation(house, to, { [id]: String(o), cf_organisation_sync_to_outreach: true })
    if (order === 'cleared last') put()
    else if (order === 'cleared first') clear()
    if (order !== 'both at once') await house.settled()
    if (order !== 'cleared first') clear()
    if (order !== 'cleared last') put()
    await house.settled()
    if (order === 'cleared last') {
      // It met its partner taken, and was flagged; now a person clears the flag.
      assert.ok(isDuplicate(house, to))
      editOrganisation(house, to, { [duplicate]: false })
      await house.settled()
    }
    assert.equal(account(house, o)['name'], `To ${order}`, order)
    assert.equal(isDuplicate(house, to), false, order)
    const left = outreachIdOf(house, from)
    assert.ok(left !== undefined && left !== o, order)
    assert.equal(account(house, left)['name'], `Left ${order}`)
  }
  const parked = house.workbooks.person
    .list('organisations')
    .map(async (row) => outcomesOf(house, `workbooks:organisation:${String(row['id'])}`, 'parked'))
  assert.deepEqual((await Promise.all(parked)).flat(), [])
})

test('Outreach Id moved off the record that its account was made from: the other one, met first, keeps it, and the record gets an account of its own', async () => {
  await using house = await startHouse()
  const { w, o } = await createPair(house, { name: 'Acme' })
  const to = silently(house, () =>
    createOrganisation(house, { name: 'Acme Group', [id]: String(o) }),
  )
  silently(house, () => editOrganisation(house, w, { [id]: '' }))
  await syncByOps(house, `workbooks:organisation:${to}`)
  await syncByOps(house, `workbooks:organisation:${w}`)

  assert.equal(account(house, o)['name'], 'Acme Group')
  assert.equal(isDuplicate(house, to), false)
  const own = outreachIdOf(house, w)
  assert.ok(own !== undefined && own !== o)
  assert.equal(isDuplicate(house, w), false)
  assert.deepEqual(await outcomesOf(house, `workbooks:organisation:${w}`, 'parked'), [])
  renameAccount(house, o, 'Acme Holding')
  await house.settled()
  assert.equal(organisation(house, to)['name'], 'Acme Holding')
  assert.equal(organisation(house, w)['name'], 'Acme')
})

test('an Outreach Id that is no number is an error of this record, with a sentence; corrected and reset it goes on', async () => {
  await using house = await startHouse()
  const o = silently(house, () => createAccount(house, { name: 'Acme' }))
  const w = createOrganisation(house, { name: 'Acme Ltd', [id]: 'ACC-12' })
  await house.settled()
  assert.equal(organisation(house, w)[syncError], true)
  const { reason } = await onlyOutcome(house, `workbooks:organisation:${w}`, 'failed')
  assert.match(reason ?? '', /ACC-12/)
  assert.match(String(organisation(house, w)['cf_organisation_outreach_error_message']), /ACC-12/)
  assert.equal(house.outreach.person.list('account').length, 1)

  editOrganisation(house, w, { [id]: String(o), [syncError]: false })
  await house.settled()
  assert.equal(account(house, o)['name'], 'Acme Ltd')
})

test('the Outreach Id of a vanished account: outcome gone, nothing is made again until a person clears it', async () => {
  await using house = await startHouse()
  const w = createOrganisation(house, { name: 'Acme', [id]: '999999' })
  await house.settled()
  const { outcome, reason } = await newestOutcome(house, `workbooks:organisation:${w}`)
  assert.equal(outcome, 'gone')
  assert.match(reason ?? '', /999999/)
  renameOrganisation(house, w, 'Acme Ltd')
  await house.settled()
  assert.equal(house.outreach.person.list('account').length, 0)
  assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 0 })

  editOrganisation(house, w, { [id]: '' })
  await house.settled()
  assert.deepEqual(accountsNamed(house, 'Acme Ltd'), [outreachIdOf(house, w)])
})

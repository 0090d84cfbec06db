import assert from 'node:assert/strict'
import { test } from 'vitest'
import { resume, statusOfKind, until } from './operators.ts'
import {
  account,
  createOrganisation,
  createPair,
  editAccount,
  editOrganisation,
  newestOutcome,
  organisation,
  organisations,
  outreachIdOf,
  renameAccount,
  renameOrganisation,
  resetCalls,
  silently,
  syncByOps,
  writesOf,
} from './records.ts'
import { startHouse, type House } from './start-house.ts'

type Pair = { readonly w: number; readonly o: number }

const nothing = { outreach: 0, workbooks: 0 }
const deleting = { config: { kinds: { organisation: { onDelete: 'delete' } } } }

async function assertGone(house: House, { w, o }: Pair): Promise<void> {
  for (const record of [`workbooks:organisation:${w}`, `outreach:account:${o}`]) {
    assert.equal((await newestOutcome(house, record)).outcome, 'gone')
  }
  assert.equal((await statusOfKind(house)).pairs, 0)
}

function isDeleted(house: House, w: number): boolean {
  return organisation(house, w)['is_deleted'] === true
}

test('deleted in Workbooks: outcome gone, the pair is closed, nothing is deleted in Outreach and nothing is re-created', async () => {
  await using house = await startHouse()
  const pair = await createPair(house, { name: 'Acme' })
  resetCalls(house)
  house.workbooks.person.remove('organisations', pair.w)
  await house.settled()
  await assertGone(house, pair)

  renameAccount(house, pair.o, 'Acme plc')
  await house.settled()
  await syncByOps(house, `outreach:account:${pair.o}`)
  assert.equal((await newestOutcome(house, `outreach:account:${pair.o}`)).outcome, 'gone')
  assert.deepEqual(organisations(house), [])
  assert.equal(account(house, pair.o)['name'], 'Acme plc')
  assert.deepEqual(writesOf(house), nothing)
})

test('deleted in Outreach: outcome gone, the pair is closed, and a later edit in Workbooks makes no new account', async () => {
  await using house = await startHouse()
  const pair = await createPair(house, { name: 'Acme' })
  resetCalls(house)
  house.outreach.person.remove('account', pair.o)
  await house.settled()
  await assertGone(house, pair)

  renameOrganisation(house, pair.w, 'Acme Ltd')
  await house.settled()
  assert.equal((await newestOutcome(house, `workbooks:organisation:${pair.w}`)).outcome, 'gone')
  assert.deepEqual(house.outreach.person.list('account'), [])
  assert.equal(outreachIdOf(house, pair.w), pair.o)
  assert.deepEqual(writesOf(house), nothing)
})

test('a delete that no webhook told of is found by the next edit of the other side', async () => {
  await using house = await startHouse()
  const one = await createPair(house, { name: 'One' })
  const two = await createPair(house, { name: 'Two' })
  silently(house, () => {
    house.outreach.person.remove('account', one.o)
    house.workbooks.person.remove('organisations', two.w)
  })
  resetCalls(house)
  renameOrganisation(house, one.w, 'One Ltd')
  renameAccount(house, two.o, 'Two plc')
  await house.settled()
  await assertGone(house, one)
  await assertGone(house, two)
  assert.deepEqual(writesOf(house), nothing)
})

test('trashed in Outreach closes the pair, and a closed pair whose record can be seen again is opened again', async () => {
  await using house = await startHouse()
  const pair = await createPair(house, { name: 'Acme' })
  house.outreach.person.trash('account', pair.o)
  await house.settled()
  await assertGone(house, pair)
  renameOrganisation(house, pair.w, 'Acme Ltd')
  await house.settled()

  house.outreach.person.update('account', pair.o, { attributes: { trashedAt: null } })
  await house.settled()
  assert.equal((await statusOfKind(house)).pairs, 1)
  assert.equal(account(house, pair.o)['name'], 'Acme Ltd')
  renameAccount(house, pair.o, 'Acme plc')
  await house.settled()
  assert.equal(organisation(house, pair.w)['name'], 'Acme plc')
  assert.equal(house.outreach.person.list('account').length, 1)
})

test('taken out of the recycle bin of Workbooks the pair is opened again, with what changed meanwhile', async () => {
  await using house = await startHouse()
  const pair = await createPair(house, { name: 'Acme' })
  house.workbooks.person.remove('organisations', pair.w)
  await house.settled()
  await assertGone(house, pair)
  renameAccount(house, pair.o, 'Acme plc')
  await house.settled()

  house.workbooks.person.restore('organisations', pair.w)
  await house.settled()
  assert.equal((await statusOfKind(house)).pairs, 1)
  assert.equal(organisation(house, pair.w)['name'], 'Acme plc')
  renameOrganisation(house, pair.w, 'Acme Ltd')
  await house.settled()
  assert.equal(account(house, pair.o)['name'], 'Acme Ltd')
  assert.equal(house.outreach.person.list('account').length, 1)
})

test.each([{ side: 'Workbooks' }, { side: 'Outreach' }])(
  'deleted in $side before it was linked: gone, and nothing is made',
  async ({ side }) => {
    await using house = await startHouse()
    await house.stop()
    const isOurs = side === 'Workbooks'
    const id = silently(house, () =>
      isOurs
        ? createOrganisation(house, { name: 'Acme' })
        : house.outreach.person.create('account', { attributes: { name: 'Acme', named: true } }).id,
    )
    if (isOurs) silently(house, () => house.workbooks.person.remove('organisations', id))
    else silently(house, () => house.outreach.person.remove('account', id))
    await house.start()
    const record = isOurs ? `workbooks:organisation:${id}` : `outreach:account:${id}`
    await syncByOps(house, record)
    assert.equal((await newestOutcome(house, record)).outcome, 'gone')
    assert.deepEqual(writesOf(house), nothing)
  },
)

test('onDelete delete: deleted in Workbooks, its account is deleted, and the pair stays closed', async () => {
  await using house = await startHouse(deleting)
  const pair = await createPair(house, { name: 'Acme' })
  resetCalls(house)
  house.workbooks.person.remove('organisations', pair.w)
  await house.settled()
  assert.deepEqual(house.outreach.person.list('account'), [])
  await assertGone(house, pair)
  assert.deepEqual(writesOf(house), { outreach: 1, workbooks: 0 })
})

test('onDelete delete: a destroyed event and trashedAt are proof; a record that we deleted ourselves stays alone until a person clears its Outreach Id', async () => {
  await using house = await startHouse(deleting)
  const destroyed = await createPair(house, { name: 'Destroyed' })
  const trashed = await createPair(house, { name: 'Trashed' })
  house.outreach.person.remove('account', destroyed.o)
  house.outreach.person.trash('account', trashed.o)
  await house.settled()
  assert.deepEqual([isDeleted(house, destroyed.w), isDeleted(house, trashed.w)], [true, true])

  // Both can be seen again, yet we deleted one of them.
  house.outreach.person.update('account', trashed.o, { attributes: { trashedAt: null } })
  house.workbooks.person.restore('organisations', trashed.w)
  await house.settled()
  const { outcome, reason } = await newestOutcome(house, `workbooks:organisation:${trashed.w}`)
  assert.equal(outcome, 'skipped')
  assert.match(reason ?? '', /until a person clears its Outreach Id/)
  renameOrganisation(house, trashed.w, 'Still alone')
  await house.settled()
  assert.equal(account(house, trashed.o)['name'], 'Trashed')

  // Cleared, it starts afresh; the account was made from it, so the two are linked again.
  editOrganisation(house, trashed.w, { cf_organisation_outreach_id: null })
  await house.settled()
  assert.equal(outreachIdOf(house, trashed.w), trashed.o)
  assert.equal(account(house, trashed.o)['name'], 'Still alone')
})

test('onDelete delete acts never on a 404 alone: the pair is closed, and the organisation stays', async () => {
  await using house = await startHouse(deleting)
  const pair = await createPair(house, { name: 'Acme' })
  silently(house, () => house.outreach.person.remove('account', pair.o))
  renameOrganisation(house, pair.w, 'Acme Ltd')
  await house.settled()
  assert.equal(isDeleted(house, pair.w), false)
  await assertGone(house, pair)
})

test('onDelete delete has a brake: the first 20 deletes in a minute go through, the others wait for "ops resume"', async () => {
  await using house = await startHouse(deleting)
  const ids = Array.from({ length: 23 }, (_, index) =>
    createOrganisation(house, { name: `Acme ${index}` }),
  )
  await house.settled()
  for (const w of ids) house.workbooks.person.remove('organisations', w)
  await house.settled()
  assert.equal(house.outreach.person.list('account').length, 3)
  const braked = await statusOfKind(house)
  assert.equal(braked.parked, 3)
  assert.match(braked.reason ?? '', /More than 20 deletes in a minute.*ops resume organisation/)

  // Everything else goes on meanwhile.
  const { w, o } = await createPair(house, { name: 'Alive' })
  renameOrganisation(house, w, 'Alive and well')
  await house.settled()
  assert.equal(account(house, o)['name'], 'Alive and well')

  await resume(house, 'organisation')
  await house.settled()
  assert.deepEqual(
    house.outreach.person.list('account').map(({ id }) => id),
    [o],
  )
  const { parked, reason } = await statusOfKind(house)
  assert.deepEqual({ parked, reason }, { parked: 0, reason: null })
})

test('a lost right hides a record in Workbooks: no proof of a delete, the pair waits, and recovers when it can be seen again', async () => {
  await using house = await startHouse(deleting)
  const pair = await createPair(house, { name: 'Acme' })
  resetCalls(house)
  house.workbooks.person.hide('organisations', pair.w)
  renameAccount(house, pair.o, 'Acme plc')
  await house.settled()
  const { outcome, reason } = await newestOutcome(house, `outreach:account:${pair.o}`)
  assert.equal(outcome, 'parked')
  assert.match(reason ?? '', /deleted, or hidden/)
  assert.equal((await statusOfKind(house)).pairs, 1)
  assert.deepEqual(writesOf(house), nothing)

  house.workbooks.person.hide('organisations', pair.w, false)
  await until('it is done', () => organisation(house, pair.w)['name'] === 'Acme plc')
  await house.settled()
  assert.equal((await statusOfKind(house)).parked, 0)
})

test('a lost right hides a record in Outreach: the pair waits, and a later event tries at once', async () => {
  await using house = await startHouse(deleting)
  const pair = await createPair(house, { name: 'Acme' })
  const path = `/accounts/${pair.o}$`
  house.outreach.faults.failNext({ method: 'GET', path, how: '403', count: 100 })
  renameOrganisation(house, pair.w, 'Acme Ltd')
  await house.settled()
  const { outcome } = await newestOutcome(house, `workbooks:organisation:${pair.w}`)
  assert.equal(outcome, 'parked')
  assert.equal(isDeleted(house, pair.w), false)
  assert.equal(organisation(house, pair.w)['cf_organisation_outreach_sync_error'], false)

  house.outreach.faults.set({})
  editAccount(house, pair.o, { industry: 'Food' })
  await house.settled()
  await until('it is done', () => account(house, pair.o)['name'] === 'Acme Ltd')
  await house.settled()
  assert.equal(organisation(house, pair.w)['industry'], 'Food')
})

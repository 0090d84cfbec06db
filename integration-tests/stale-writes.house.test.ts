import assert from 'node:assert/strict'
import { test } from 'vitest'
import { statusOfKind, until } from './operators.ts'
import {
  account,
  createPair,
  editOrganisation,
  organisation,
  renameAccount,
  renameOrganisation,
  resetCalls,
  silently,
  writesOf,
} from './records.ts'
import { startHouse, type House } from './start-house.ts'

/** How Workbooks may say it is not documented (workbooks-api 5.6); each of these must be understood. */
const shapes = ['information', 'failures-of-each'] as const

async function startWith(lockFailureShape: (typeof shapes)[number]): Promise<House> {
  return startHouse({ workbooks: { behaviour: { lockFailureShape } } })
}

/** The first `times` of our writes to organisations meet somebody who was quicker, unannounced. */
function beQuicker(house: House, times: number, edit: (time: number) => void): void {
  let left = times
  const stop = house.workbooks.faults.beforeCommit(({ path }) => {
    if (path !== 'crm/organisations') return
    silently(house, () => edit(times - left))
    left -= 1
    if (left === 0) stop()
  })
}

test.each(shapes)(
  'a stale lock_version (as %s) means: read again, merge again, write again',
  async (shape) => {
    await using house = await startWith(shape)
    const { w, o } = await createPair(house, { name: 'Acme' })
    resetCalls(house)
    beQuicker(house, 1, () => editOrganisation(house, w, { industry: 'Food', biography: 'New.' }))
    renameAccount(house, o, 'Acme plc')
    await house.settled()

    const { name, industry, cf_organisation_outreach_sync_error: flag } = organisation(house, w)
    assert.deepEqual({ name, industry, flag }, { name: 'Acme plc', industry: 'Food', flag: false })
    // What the other user wrote meanwhile has crossed as well.
    const { industry: theirs, description } = account(house, o)
    assert.deepEqual({ theirs, description }, { theirs: 'Food', description: 'New.' })
    assert.deepEqual(writesOf(house), { outreach: 1, workbooks: 2 })
    const told = await house.outcomes(`outreach:account:${o}`)
    assert.ok(!told.some(({ outcome }) => ['failed', 'parked', 'conflict'].includes(outcome)))
  },
)

test('the other user had changed the same field: the new merge is a conflict, and onConflict decides it', async () => {
  const fields = [{ workbooks: 'name', outreach: 'name', onConflict: 'workbooks' }]
  await using house = await startHouse({ config: { kinds: { organisation: { fields } } } })
  const { w, o } = await createPair(house, { name: 'Acme' })
  beQuicker(house, 1, () => renameOrganisation(house, w, 'Quicker'))
  renameAccount(house, o, 'Slower')
  await house.settled()

  assert.deepEqual(
    [organisation(house, w)['name'], account(house, o)['name']],
    ['Quicker', 'Quicker'],
  )
  const told = await house.outcomes(`outreach:account:${o}`)
  const conflicts = told.flatMap((outcome) => outcome.conflicts ?? [])
  assert.deepEqual(conflicts, [
    { field: 'name', winner: 'workbooks', loser: 'outreach', losingValue: 'Slower' },
  ])
})

test('a stale flag or write-back is written again too: a created account is linked in the end', async () => {
  await using house = await startHouse()
  beQuicker(house, 1, () => {
    const [row] = house.workbooks.person.list('organisations')
    editOrganisation(house, Number(row?.['id']), { industry: 'Food' })
  })
  const { o } = await createPair(house, { name: 'Acme' })
  await house.settled()
  assert.equal(account(house, o)['industry'], 'Food')
  assert.equal(house.outreach.person.list('account').length, 1)
})

test.each(shapes)(
  'a lock_version that is stale (as %s) five times parks the record, and it is done later',
  async (shape) => {
    await using house = await startWith(shape)
    const { w, o } = await createPair(house, { name: 'Acme' })
    resetCalls(house)
    // A column that is not mapped: nothing but the version has moved for us.
    beQuicker(house, 5, (time) => editOrganisation(house, w, { party_notes: `Edit ${time}` }))
    renameAccount(house, o, 'Acme plc')
    await house.settled()

    assert.equal(organisation(house, w)['name'], 'Acme')
    assert.equal((await statusOfKind(house)).parked, 1)
    const [parked] = await house.outcomes(`outreach:account:${o}`)
    assert.equal(parked?.outcome, 'parked')
    assert.match(parked.reason ?? '', /5 tries/)

    const isDone = () => organisation(house, w)['name'] === 'Acme plc'
    await until('the parked record is done', isDone, 40_000)
    await house.settled()
    assert.equal(organisation(house, w)['party_notes'], 'Edit 4')
    assert.equal(organisation(house, w)['cf_organisation_outreach_sync_error'], false)
    assert.equal((await statusOfKind(house)).parked, 0)
    assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 6 })
  },
)

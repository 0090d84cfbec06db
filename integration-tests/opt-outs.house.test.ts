import assert from 'node:assert/strict'
import { test } from 'vitest'
import { partitionOfKey } from '../event-log/kafka/partition-of-key.ts'
import {
  createPerson,
  createPersonPair,
  createProspect,
  editPerson,
  editProspect,
  people,
  person,
  personWritesOf,
  prospect,
  prospectIdOf,
  type Pair,
} from './people.ts'
import { anHourAgo, outcomesOf, resetCalls, silently, syncByOps, until } from './records.ts'
import { startHouse, type House } from './start-house.ts'

const mail = { 'main_location[email]': 'mara@acme.example' }
const out = { no_email_soliciting: true }
const back = { no_email_soliciting: false }

function marks(house: House, { w, o }: Pair) {
  const { optedOut, emailOptedOut } = prospect(house, o)
  return [person(house, w)['no_email_soliciting'], optedOut, emailOptedOut]
}

async function startLinked(columns: Readonly<Record<string, unknown>> = {}) {
  const house = await startHouse()
  const pair = await createPersonPair(house, { ...mail, ...columns })
  resetCalls(house)
  return { opened: house, pair }
}

test('"No Email in Workbooks sets optedOut in Outreach", in one write, and the echo changes nothing', async () => {
  const { opened, pair } = await startLinked()
  await using house = opened
  editPerson(house, pair.w, out)
  await house.settled()
  assert.deepEqual(marks(house, pair), [true, true, false])
  assert.deepEqual(personWritesOf(house), { outreach: 1, workbooks: 0 })
  const [told] = await outcomesOf(house, `workbooks:person:${pair.w}`, 'updated')
  assert.deepEqual([told?.system, told?.fields], ['outreach', ['no_email_soliciting']])
})

test.each([
  { mark: 'optedOut', state: 'Opted Out' },
  { mark: 'emailOptedOut', state: null },
])(
  '"$mark in Outreach sets No Email in Workbooks"; optedOut also the Sequence State "Opted Out"',
  async ({ mark, state }) => {
    const { opened, pair } = await startLinked()
    await using house = opened
    editProspect(house, pair.o, { [mark]: true })
    await house.settled()
    assert.equal(person(house, pair.w)['no_email_soliciting'], true)
    assert.equal(person(house, pair.w)['cf_person_sequence_state'] ?? null, state)
    assert.deepEqual(personWritesOf(house), { outreach: 0, workbooks: 1 })
  },
)

test('emailOptedOut, then optedOut: No Email stands already, and the Sequence State follows, with an outcome that names it', async () => {
  const { opened, pair } = await startLinked()
  await using house = opened
  editProspect(house, pair.o, { emailOptedOut: true })
  await house.settled()
  editProspect(house, pair.o, { optedOut: true })
  await house.settled()
  assert.equal(person(house, pair.w)['cf_person_sequence_state'], 'Opted Out')
  const [told] = await outcomesOf(house, `outreach:prospect:${pair.o}`, 'updated')
  assert.deepEqual(told?.fields, ['cf_person_sequence_state'])
})

test('the mapping may name emailOptedOut: then that is set', async () => {
  const fields = [{ workbooks: 'no_email_soliciting', outreach: 'emailOptedOut' }]
  await using house = await startHouse({ config: { kinds: { person: { fields } } } })
  const pair = await createPersonPair(house, mail)
  editPerson(house, pair.w, out)
  await house.settled()
  assert.deepEqual(marks(house, pair), [true, false, true])
})

test('"a person took it back in the system itself": FALSE crosses, to whichever of the two marks is TRUE', async () => {
  const { opened, pair } = await startLinked()
  await using house = opened
  editProspect(house, pair.o, { optedOut: true, emailOptedOut: true })
  await house.settled()
  editPerson(house, pair.w, back)
  await house.settled()
  assert.deepEqual(marks(house, pair), [false, false, false])

  editPerson(house, pair.w, out)
  await house.settled()
  editProspect(house, pair.o, { optedOut: false })
  await house.settled()
  assert.deepEqual(marks(house, pair), [false, false, false])
})

test('one of two marks is taken back in Outreach: the other still stands, and so does No Email', async () => {
  const { opened, pair } = await startLinked()
  await using house = opened
  editProspect(house, pair.o, { optedOut: true, emailOptedOut: true })
  await house.settled()
  editProspect(house, pair.o, { optedOut: false })
  await house.settled()
  assert.deepEqual(marks(house, pair), [true, false, true])
})

test('"TRUE wins where both changed": taken back in Workbooks while somebody opts out once more in Outreach', async () => {
  const { opened, pair } = await startLinked(out)
  await using house = opened
  assert.deepEqual(marks(house, pair), [true, true, false])
  silently(house, () => {
    editPerson(house, pair.w, back)
    editProspect(house, pair.o, { emailOptedOut: true })
  })
  await syncByOps(house, `workbooks:person:${pair.w}`)
  assert.deepEqual(marks(house, pair), [true, true, true])
  const [conflict] = await outcomesOf(house, `workbooks:person:${pair.w}`, 'conflict')
  assert.deepEqual(conflict?.conflicts, [
    { field: 'no_email_soliciting', winner: 'outreach', loser: 'workbooks', losingValue: false },
  ])
})

test.each([
  { side: 'Workbooks', w: true, o: false },
  { side: 'Outreach', w: false, o: true },
])(
  '"TRUE wins wherever the values were never agreed": linking, TRUE in $side',
  async ({ w: no, o: opted }) => {
    await using house = await startHouse()
    const attributes = { emails: ['mara@acme.example'], optedOut: opted }
    const o = silently(house, () => createProspect(house, { attributes }))
    const w = createPerson(house, {
      ...mail,
      no_email_soliciting: no,
      cf_person_outreach_id: String(o),
    })
    await house.settled()
    assert.deepEqual(marks(house, { w, o }), [true, true, false])
  },
)

test('a pair of the old plug-in stands as it is, opt-outs excepted', async () => {
  await using house = await startHouse()
  await house.settled()
  const [w, o] = anHourAgo(house, () => {
    const attributes = { emails: ['mara@acme.example'], optedOut: false, title: 'Theirs' }
    const prospectId = createProspect(house, { attributes })
    const columns = { ...mail, ...out, person_job_title: 'Ours' }
    const id = createPerson(house, { ...columns, cf_person_outreach_id: String(prospectId) })
    return [id, prospectId]
  })
  editProspect(house, o, { nickname: 'M', middleName: 'J.' })
  await house.settled()
  assert.deepEqual(marks(house, { w, o }), [true, true, false])
  assert.deepEqual(
    [person(house, w)['person_job_title'], prospect(house, o)['title']],
    ['Ours', 'Theirs'],
  )
})

test.each([
  { flag: 'cf_person_outreach_sync_error', condition: 2 },
  { flag: 'cf_person_outreach_duplicate', condition: 3 },
])(
  '"an opt-out of a linked person passes conditions 2 and 3": $flag holds back everything else',
  async ({ flag, condition }) => {
    const { opened, pair } = await startLinked({ person_job_title: 'Buyer' })
    await using house = opened
    editPerson(house, pair.w, { [flag]: true })
    await house.settled()
    resetCalls(house)
    editProspect(house, pair.o, { optedOut: true, title: 'Head of Procurement' })
    await house.settled()
    assert.deepEqual(marks(house, pair), [true, true, false])
    assert.equal(person(house, pair.w)['person_job_title'], 'Buyer')
    assert.equal(person(house, pair.w)[flag], true)
    // A FALSE waits like anything else.
    editProspect(house, pair.o, { optedOut: false })
    await house.settled()
    assert.deepEqual(marks(house, pair), [true, false, false])
    const skipped = await outcomesOf(house, `outreach:prospect:${pair.o}`, 'skipped')
    assert.deepEqual(new Set(skipped.map((told) => told.condition)), new Set([condition]))

    editPerson(house, pair.w, { [flag]: false })
    await house.settled()
    assert.deepEqual(marks(house, pair), [false, false, false])
    assert.equal(person(house, pair.w)['person_job_title'], 'Head of Procurement')
  },
)

test('a person who opts out in Workbooks is opted out in Outreach past the flag as well; Sync to Outreach FALSE holds it', async () => {
  const { opened, pair } = await startLinked()
  await using house = opened
  editPerson(house, pair.w, { cf_person_sync_to_outreach: false, ...out })
  await house.settled()
  assert.deepEqual(marks(house, pair), [true, false, false])
  editPerson(house, pair.w, {
    cf_person_sync_to_outreach: true,
    cf_person_outreach_sync_error: true,
  })
  await house.settled()
  assert.deepEqual(marks(house, pair), [true, true, false])
})

test('opt-outs travel with a create, either way', async () => {
  await using house = await startHouse()
  const pair = await createPersonPair(house, { ...mail, ...out })
  assert.deepEqual(marks(house, pair), [true, true, false])
  const attributes = { emails: ['ben@acme.example'], emailOptedOut: true, optedOut: true }
  const o = createProspect(house, { attributes })
  await house.settled()
  const made = people(house).find((row) => row['cf_person_outreach_id'] === String(o))
  assert.deepEqual(
    [made?.['no_email_soliciting'], made?.['cf_person_sequence_state']],
    [true, 'Opted Out'],
  )
  resetCalls(house)
  await syncByOps(house, `outreach:prospect:${o}`)
  assert.deepEqual(personWritesOf(house), { outreach: 0, workbooks: 0 })
})

/** Hints that all consumers took so far. */
function hintsTaken(house: House): number {
  const told = house.logged().matchAll(/"hints taken","group":"sync","hints":(\d+)/g)
  return [...told].reduce((sum, [, hints]) => sum + Number(hints), 0)
}

/** Of these prospects, those whose edits the same consumer is handed as the edits of `one`. */
function shareOf(house: House, one: number, all: readonly Pair[]): readonly Pair[] {
  const partitions = Number(house.env['KAFKA_TOPIC_PARTITIONS'] ?? 1)
  const toPartition = (o: number) =>
    partitionOfKey(Buffer.from(`outreach:prospect:${o}`), partitions)
  return all.filter(({ o }) => toPartition(o) === toPartition(one))
}

/** So many hints are begun together (make-sync-engine.ts). */
const fullBatch = 100

test('first among what is in hand: an opt-out overtakes 300 other edits', async () => {
  await using house = await startHouse()
  const ids = Array.from({ length: 300 }, (_, at) =>
    createPerson(house, { 'main_location[email]': `p${at}@acme.example` }),
  )
  await house.settled()
  await house.ops('POST', '/ops/pause', { what: 'workbooks' })
  const staff = ids.map((w) => ({ w, o: prospectIdOf(house, w) ?? 0 }))
  const before = hintsTaken(house)
  for (const { o } of staff) editProspect(house, o, { title: 'Buyer' })
  const last = staff.at(-1) ?? { w: 0, o: 0 }
  editProspect(house, last.o, { optedOut: true })
  await until(() => hintsTaken(house) - before > staff.length)
  // Who is handed what is by partition: no consumer knows what another one has in hand.
  const share = shareOf(house, last.o, staff)
  /** At each write: how many edits of that consumer stand already, while the opt-out does not. */
  const overtaken: number[] = []
  house.workbooks.faults.beforeCommit(() => {
    const isOut = person(house, last.w)['no_email_soliciting'] === true
    const edited = share.filter(({ w }) => person(house, w)['person_job_title'] === 'Buyer')
    overtaken.push(isOut ? 0 : edited.length)
  })
  await house.ops('POST', '/ops/resume', { what: 'workbooks' })
  await house.settled()
  assert.equal(person(house, last.w)['no_email_soliciting'], true)
  assert.ok(overtaken.length > 1)
  // Each edit, and the echo of each write. What a rebalance hands out again counts twice: then it cannot
  // be told whether the opt-out was in hand.
  const isHandedOnce = hintsTaken(house) - before === 2 * staff.length + 1
  assert.ok(isHandedOnce || house.consumers > 1)
  if (!isHandedOnce) return
  // It is begun in the first batch, and alone in its process written with it; where pairs are held over
  // processes, those of one batch are written as each gets its hold.
  assert.ok(share.length > fullBatch)
  assert.ok(Math.max(...overtaken) < (house.consumers === 1 ? 1 : fullBatch))
})

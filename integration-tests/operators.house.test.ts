import assert from 'node:assert/strict'
import { test } from 'vitest'
import { validateEvent } from '../schemas/validate-event.ts'
import { pause, readStatus, resume, statusOfKind, statusOfSystem, until } from './operators.ts'
import {
  account,
  createAccount,
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
} from './records.ts'
import { startHouse, type House } from './start-house.ts'

function callsOf(house: House) {
  return { ...house.outreach.calls.counts(), ...house.workbooks.calls.counts() }
}

test('a paused kind handles nothing and keeps its events, over a restart too; resumed, everything arrives', async () => {
  await using house = await startHouse()
  const { w, o } = await createPair(house, { name: 'Acme' })
  await pause(house, 'organisation')
  resetCalls(house)
  renameOrganisation(house, w, 'Acme Ltd')
  editAccount(house, o, { industry: 'Food' })
  const created = createOrganisation(house, { name: 'Created meanwhile' })
  await house.settled()
  assert.deepEqual(callsOf(house), {})
  const paused = await statusOfKind(house)
  assert.equal(paused.enabled, false)
  assert.match(paused.reason ?? '', /Paused by house; goes on with: ops resume organisation/)

  await house.restart()
  await house.settled()
  assert.equal((await statusOfKind(house)).enabled, false)
  assert.equal(account(house, o)['name'], 'Acme')

  await resume(house, 'organisation')
  await house.settled()
  assert.equal(account(house, o)['name'], 'Acme Ltd')
  assert.equal(organisation(house, w)['industry'], 'Food')
  assert.ok(outreachIdOf(house, created))
  // What joined a parked record while that was in hand is looked at within a second.
  await until('nothing is parked', async () => (await statusOfKind(house)).parked === 0)
  const { enabled, reason, parked, pairs } = await statusOfKind(house)
  assert.deepEqual(
    { enabled, reason, parked, pairs },
    { enabled: true, reason: null, parked: 0, pairs: 2 },
  )
})

test.each(['outreach', 'workbooks'] as const)(
  'while %s is paused no system is called; resumed, everything arrives',
  async (system) => {
    await using house = await startHouse()
    const { w, o } = await createPair(house, { name: 'Acme' })
    await pause(house, system)
    resetCalls(house)
    renameOrganisation(house, w, 'Acme Ltd')
    editAccount(house, o, { industry: 'Food' })
    await Promise.all([house.outreach.whenQuiet(), house.workbooks.whenQuiet()])
    const { reason } = await statusOfSystem(house, system)
    assert.match(reason ?? '', new RegExp(`Paused by house; goes on with: ops resume ${system}`))
    assert.deepEqual(callsOf(house), {})

    await resume(house, system)
    await house.settled()
    assert.equal(account(house, o)['name'], 'Acme Ltd')
    assert.equal(organisation(house, w)['industry'], 'Food')
    assert.equal((await statusOfSystem(house, system)).reason, null)
  },
)

test('"ops sync" handles one record as if a webhook had named it, from either side', async () => {
  await using house = await startHouse()
  const { w, o } = await createPair(house, { name: 'Acme' })
  const [unheard, unseen] = silently(house, () => {
    renameAccount(house, o, 'Acme plc')
    return [
      createOrganisation(house, { name: 'Unheard' }),
      createAccount(house, { name: 'Unseen' }),
    ] as const
  })
  await syncByOps(house, `workbooks:organisation:${w}`)
  assert.equal(organisation(house, w)['name'], 'Acme plc')
  await syncByOps(house, `workbooks:organisation:${unheard}`)
  assert.ok(outreachIdOf(house, unheard))
  await syncByOps(house, `outreach:account:${unseen}`)
  assert.ok(organisations(house).some(({ name }) => name === 'Unseen'))
})

test('"ops sync" of a record that is not there, or of none that is synchronised, says so', async () => {
  await using house = await startHouse()
  await syncByOps(house, 'outreach:account:999999')
  assert.equal((await newestOutcome(house, 'outreach:account:999999')).outcome, 'gone')

  const refused = await house.ops('POST', '/ops/sync', { record: 'outreach:user:31' })
  assert.equal(refused.ok, false)
  assert.match(await refused.text(), /no sync for outreach:user:31/)
  const wrong = await house.ops('POST', '/ops/sync', { record: 'Acme' })
  assert.equal(wrong.status, 400)
})

test('"ops status" shows the numbers: calls, lag, pairs, parked, flagged', async () => {
  await using house = await startHouse()
  await createPair(house, { name: 'One' })
  const { w } = await createPair(house, { name: 'Two' })
  house.outreach.faults.failNext({ method: 'PATCH', how: '422' })
  renameOrganisation(house, w, 'Two?')
  await house.settled()

  const status = await readStatus(house)
  const kind = status.kinds.find((one) => one.kind === 'organisation')
  assert.ok(kind)
  const { enabled, pairs, standingApart, parked, flagged } = kind
  assert.deepEqual(
    { enabled, pairs, standingApart, parked, flagged },
    { enabled: true, pairs: 2, standingApart: 0, parked: 0, flagged: 1 },
  )
  for (const { group, lagEvents } of status.groups) assert.equal(lagEvents, 0, group)
  assert.ok(status.groups.some(({ group }) => group.endsWith('gateway-sync')))
  const calls = Object.fromEntries(
    status.systems.map(({ system, callsThisHour, callsThisYear }) => [
      system,
      [callsThisHour, callsThisYear],
    ]),
  )
  const outreach = house.outreach.calls.log().length
  const workbooks = house.workbooks.calls.log().length
  assert.deepEqual(calls, { outreach: [outreach, outreach], workbooks: [workbooks, workbooks] })
  for (const { system, circuit, pausedUntil } of status.systems) {
    assert.deepEqual([circuit, pausedUntil], ['closed', null], system)
  }
  const alive = status.roles.filter((one) => one.alive).map(({ role }) => role)
  assert.equal(alive.length, status.roles.length)
  assert.deepEqual([...new Set(alive)].toSorted(), ['consumers', 'gateway', 'reconciliation'])
})

test('an outcome is found from either record of its pair, newest first, with what a person needs to understand it', async () => {
  await using house = await startHouse()
  const { w, o } = await createPair(house, { name: 'Acme' })
  const before = Date.now()
  renameOrganisation(house, w, 'Acme Ltd')
  await house.settled()
  editAccount(house, o, { industry: 'Food' })
  await house.settled()

  const [ours, theirs] = await Promise.all([
    house.outcomes(`workbooks:organisation:${w}`),
    house.outcomes(`outreach:account:${o}`),
  ])
  assert.deepEqual(ours, theirs)
  const times = ours.map(({ at }) => at)
  assert.deepEqual(times, times.toSorted().reverse())
  const done = ours.filter(({ system }) => system !== null)
  assert.deepEqual(
    done.map(({ outcome, system, fields }) => [outcome, system, fields]),
    [
      ['updated', 'workbooks', ['industry']],
      ['updated', 'outreach', ['name']],
      ['created', 'outreach', ['name']],
    ],
  )
  for (const { kind, pair, calls, delayMs, events } of done) {
    assert.deepEqual([kind, pair], ['organisation', { workbooks: String(w), outreach: String(o) }])
    assert.ok(calls >= 3 && events.length >= 1)
    assert.ok(delayMs !== null && delayMs >= 0 && delayMs < Date.now() - before + 60_000)
  }
})

test('an outcome without a write is found from either record too: parked, and an event that costs nothing', async () => {
  await using house = await startHouse()
  const { w, o } = await createPair(house, { name: 'Acme' })
  house.outreach.clock.advance(1_000)
  house.outreach.person.touch('account', o)
  await house.settled()
  const touched = await newestOutcome(house, `workbooks:organisation:${w}`)
  assert.deepEqual([touched.outcome, touched.calls], ['unchanged', 0])

  await pause(house, 'organisation')
  renameOrganisation(house, w, 'Acme Ltd')
  await house.settled()
  const { outcome, pair } = await newestOutcome(house, `outreach:account:${o}`)
  assert.equal(outcome, 'parked')
  assert.deepEqual(pair, { workbooks: String(w), outreach: String(o) })
})

test('every handled hint is told on sync.outcome, in the form of its schema and under the key of its record', async () => {
  await using house = await startHouse({
    config: {
      kinds: { organisation: { fields: [{ workbooks: 'refcode', outreach: 'custom1' }] } },
    },
  })
  const { w, o } = await createPair(house, { name: 'Acme', refcode: 'X1' })
  const other = await createPair(house, { name: 'Other' })
  silently(house, () => {
    renameOrganisation(house, w, 'Ours')
    renameAccount(house, o, 'Theirs')
  })
  await syncByOps(house, `workbooks:organisation:${w}`)
  house.outreach.person.touch('account', o)
  editAccount(house, other.o, { custom1: 'X1' })
  await house.settled()
  createOrganisation(house, { name: 'Ours' })
  createOrganisation(house, { name: 'Not asked for', cf_organisation_sync_to_outreach: false })
  house.workbooks.person.hide('organisations', w)
  editAccount(house, o, { industry: 'Food' })
  await house.settled()
  house.outreach.person.remove('account', other.o)
  editOrganisation(house, other.w, { cf_organisation_outreach_sync_error: false })
  await house.settled()

  const events = await house.events('sync.outcome')
  const told = new Set<string>()
  for (const event of events) {
    const validated = validateEvent('sync.outcome', event)
    assert.equal(validated.kind, 'valid', JSON.stringify([validated, event]))
    // The schema has just said so.
    const { data, partitionkey } = event as {
      readonly data: { readonly outcome: string }
      readonly partitionkey: string
    }
    told.add(data.outcome)
    assert.match(partitionkey, /^(workbooks:organisation|outreach:account):\d+$/)
  }
  const every = ['conflict', 'created', 'duplicate', 'failed', 'gone', 'parked', 'skipped']
  assert.deepEqual([...told].toSorted(), [...every, 'unchanged', 'updated'])
  // What can be read by record is what was published.
  const published = events.map((event) => JSON.stringify((event as { data: unknown }).data))
  for (const outcome of await house.outcomes(`outreach:account:${o}`)) {
    assert.ok(published.includes(JSON.stringify(outcome)), JSON.stringify(outcome))
  }
})

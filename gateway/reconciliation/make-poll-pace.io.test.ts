import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'vitest'
import { addCalls } from '../../state/calls.ts'
import { openEmbeddedState } from '../../state/embedded-state.ts'
import { writeFact } from '../../state/facts.ts'
import { readPollPace } from '../../state/poll-pace.ts'
import { migrations } from '../../state/schema.ts'
import type { StateStore } from '../../state/state-store.ts'
import { makePollPaces } from './make-poll-pace.ts'

const dayMs = 86_400_000
const start = Date.UTC(2026, 2, 2)

let dir: string
let store: StateStore
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pace-'))
  store = await openEmbeddedState({ dir, migrations })
  await store.write([writeFact('connected_at', String(start / 1_000))])
})
afterEach(async () => {
  await store[Symbol.asyncDispose]()
  await rm(dir, { recursive: true, force: true })
})

function aGovernor({ perYear = 250_000, unreachable = [] as readonly string[] } = {}) {
  const clock = { now: start + 28 * dayMs }
  const changed: string[] = []
  const { decide } = makePollPaces({
    store,
    limits: {
      hour: { outreach: 10_000, workbooks: undefined },
      year: { outreach: perYear, workbooks: undefined },
    },
    wantedSeconds: 60,
    unreachable,
    now: () => clock.now,
    signals: { pollPaceChanged: ({ system, seconds }) => changed.push(`${system} ${seconds}`) },
  })
  return { clock, changed, decide }
}

const called = (lane: string, count: number, at: number) =>
  store.write([addCalls({ system: 'outreach', lane, count }, at)])

test('what all processes called counts, of this year only, and live changes of late are set aside', async () => {
  const { clock, decide } = aGovernor()
  const year = 365 * dayMs
  const { seconds: free } = await decide('outreach', 4)
  await called('live', 28 * 200, clock.now - dayMs)
  await called('backfill', 50_000, clock.now - 20 * dayMs)
  assert.equal((await decide('outreach', 4)).seconds, free)
  clock.now += 20_000
  const { seconds, reason } = await decide('outreach', 4)
  // 4 / (0.9 x ((250,000 - 55,600) / 337 days - 200 a day)) and 4 / (0.9 x 250,000 / 337 days)
  assert.deepEqual([free, seconds], [520, 1_020])
  assert.match(reason, /55600 are used, live changes take about 200 a day\./)
  clock.now += year
  assert.match((await decide('outreach', 4)).reason, /0 are used, live changes take about 0 a day/)
})

test('three working days do not stand for a week: half of the year is kept for live changes until one has passed', async () => {
  const { clock, decide } = aGovernor()
  clock.now = start + 3 * dayMs
  await called('live', 900, clock.now - dayMs)
  const early = await decide('outreach', 4)
  clock.now = start + 7 * dayMs
  const later = await decide('outreach', 4)
  // 4 / (0.9 x (249,100 / 362 days - 342 a day)) and 4 / (0.9 x (249,100 / 358 days - 129 a day))
  assert.deepEqual([early.seconds, later.seconds], [1_115, 680])
  assert.match(early.reason, / 342 a day are kept for live changes until a week of them is known\./)
  assert.match(later.reason, /900 are used, live changes take about 129 a day\./)
})

test('what holds is told to everybody, and loudly only where it changes', async () => {
  const { changed, decide } = aGovernor()
  const pace = await decide('outreach', 4)
  assert.deepEqual(await readPollPace(store, 'outreach'), pace)
  assert.equal(await readPollPace(store, 'workbooks'), undefined)
  await decide('outreach', 4.1)
  assert.deepEqual(changed, ['outreach 520'])
  await decide('outreach', 0)
  assert.deepEqual(changed, ['outreach 520', 'outreach 60'])
  assert.deepEqual(await readPollPace(store, 'outreach'), await decide('outreach', 0))
})

test('Workbooks has no budget: as often as was asked for', async () => {
  const { changed, decide } = aGovernor()
  assert.equal((await decide('workbooks', 4)).seconds, 60)
  assert.deepEqual(changed, [])
})

test('lists that the credentials do not reach are named', async () => {
  const { decide } = aGovernor({ unreachable: ['emailAddress', 'phoneNumber'] })
  const { reason } = await decide('outreach', 4)
  assert.match(reason, / Server-to-server credentials do not reach emailAddress, phoneNumber: /)
  assert.doesNotMatch((await decide('workbooks', 4)).reason, /emailAddress/)
})

import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'vitest'
import type { Entry, Handed, Lag, Take } from '../../../event-log/event-log.ts'
import { LogUnavailable } from '../../../event-log/log-unavailable.ts'
import { openEmbeddedState } from '../../../state/embedded-state.ts'
import { writeFact } from '../../../state/facts.ts'
import { makeMisses } from '../../../state/misses.ts'
import { migrations } from '../../../state/schema.ts'
import type { StateStore } from '../../../state/state-store.ts'
import { normaliseDelivery } from '../../outreach/normalise-delivery.ts'
import { toEventEntry } from '../../to-entry.ts'
import { makeMissWatch, missGroup } from './make-miss-watch.ts'
import { noteFound } from './note-found.ts'

const start = Date.UTC(2026, 2, 2, 9, 0, 0)
const second = 1_000
const minute = 60 * second

let dir: string
let store: StateStore
let end: (() => Promise<void>) | undefined
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'misses-'))
  store = await openEmbeddedState({ dir, migrations })
  await store.write([writeFact('connected_at', String(start / second - 3_600))])
})
afterEach(async () => {
  await end?.()
  end = undefined
  await store[Symbol.asyncDispose]()
  await rm(dir, { recursive: true, force: true })
})

/** A watch over a log that hands out what it is told to, with a clock that stands still. */
async function aWatch(isStateAway: () => boolean = () => false) {
  const clock = { now: start }
  const lag: { is: Lag | Error } = { is: { group: missGroup, events: 0, seconds: 0 } }
  const told: unknown[] = []
  const done: string[] = []
  const subscribed = new EventEmitter()
  const isSubscribed = once(subscribed, 'take') as Promise<[Take]>
  const owned = new AbortController()
  const watch = makeMissWatch({
    log: {
      subscribe: (_, take) => {
        subscribed.emit('take', take)
        return Promise.resolve({ pause() {}, resume() {}, stop: () => Promise.resolve() })
      },
      lags: () => (lag.is instanceof Error ? Promise.reject(lag.is) : Promise.resolve([lag.is])),
    },
    store: {
      read: store.read,
      write: (statements) =>
        isStateAway() ? Promise.reject(new Error('away')) : store.write(statements),
    },
    topics: ['outreach.account'],
    clockOffsetMs: () => 0,
    now: () => clock.now,
    wait: (ms, signal) =>
      new Promise((resolve) => {
        // Looks only when it is told to; what failed is tried again at once.
        if (ms <= second) setImmediate(resolve)
        else signal.addEventListener('abort', () => resolve())
      }),
    signals: {
      changesAnnounced: ({ resource, changes }) => told.push([resource, changes]),
      changesMissed: (facts) => told.push(facts),
      missesNotWatched: (error) => told.push(String(error)),
    },
  })
  watch.start()
  end = watch.stop
  const [take] = await isSubscribed

  let offset = 0n
  /** Hands it out, and waits until the watch has said done. */
  async function hand(...entries: readonly Entry[]): Promise<void> {
    const said = entries.map((entry) => {
      let sayDone = () => {}
      const isDone = new Promise<void>((resolve) => {
        sayDone = () => {
          done.push(entry.key)
          resolve()
        }
      })
      offset += 1n
      const at = { topic: entry.topic, partition: 0, offset }
      const handed: Handed = { ...entry, at, keptAt: clock.now, done: () => sayDone() }
      return { handed, isDone }
    })
    take(
      said.map(({ handed }) => handed),
      owned.signal,
    )
    await Promise.all(said.map(({ isDone }) => isDone))
  }

  return {
    clock,
    lag,
    told,
    done,
    hand,
    look: watch.look,
    sums: async () =>
      (await makeMisses(store).byHour(0)).map(({ announced, found }) => [announced, found]),
  }
}

function webhook(id: number, changedAt: number): Entry {
  const updatedAt = new Date(changedAt).toISOString()
  const body = {
    data: { type: 'account', id, attributes: { name: 'Acme', updatedAt } },
    meta: { eventName: 'account.updated' },
  }
  const text = JSON.stringify(body)
  const understood = normaliseDelivery(body, {
    text,
    bodyHash: () => text,
    receivedAt: changedAt,
    traceparent: 'trace',
  })
  assert.equal(understood.kind, 'event')
  return toEventEntry(understood)
}

async function find(id: number, changedAt: number, foundAt: number): Promise<void> {
  const version = { version: `v${changedAt}`, handlings: 0 }
  const published = [{ system: 'outreach', type: 'account', id: String(id), ...version }] as const
  await store.write(noteFound([{ published, changedAt: changedAt / second, foundAt }]))
}

test('found and never announced: a miss, once the fair time is over', async () => {
  const { clock, told, look, sums } = await aWatch()
  clock.now += 2 * minute
  await find(7, clock.now - 40 * second, clock.now)
  clock.now += minute - 1
  await look()
  assert.deepEqual(await sums(), [])
  clock.now += 1
  await look()
  assert.deepEqual(await sums(), [[0, 1]])
  assert.deepEqual(told, [{ resource: 'outreach.account', changes: 1, longestDelaySeconds: 40 }])
  await look()
  assert.equal(told.length, 1)
})

test('found before its webhook came, within the fair time: announced, and no miss', async () => {
  const { clock, hand, look, sums } = await aWatch()
  clock.now += 2 * minute
  const changedAt = clock.now
  await find(7, changedAt, clock.now + 5 * second)
  clock.now += 50 * second
  await hand(webhook(7, changedAt))
  clock.now += minute
  await look()
  assert.deepEqual(await sums(), [[1, 0]])
})

test('announced before it was found, for the sync is slow: no miss; an earlier change is another', async () => {
  const { clock, hand, look, sums } = await aWatch()
  clock.now += 2 * minute
  await hand(webhook(7, clock.now), webhook(8, clock.now - second))
  await find(7, clock.now, clock.now + 5 * second)
  await find(8, clock.now, clock.now + 5 * second)
  clock.now += 2 * minute
  await look()
  assert.deepEqual(await sums(), [[2, 1]])
})

test('announced too late: it stays a miss, and counts as one change', async () => {
  const { clock, hand, look, sums } = await aWatch()
  clock.now += 2 * minute
  const changedAt = clock.now
  await find(7, changedAt, clock.now)
  clock.now += minute
  await look()
  await hand(webhook(7, changedAt))
  assert.deepEqual(await sums(), [[0, 1]])
})

test('nobody is judged while what was announced meanwhile is unread', async () => {
  const { clock, lag, hand, look, sums } = await aWatch()
  clock.now += 2 * minute
  await find(7, clock.now, clock.now)
  clock.now += 2 * minute
  // The oldest unread entry is of the fair time.
  lag.is = { group: missGroup, events: 9, seconds: 61 }
  await look()
  assert.deepEqual(await sums(), [])
  await hand(webhook(7, start + 2 * minute))
  lag.is = { group: missGroup, events: 9, seconds: 60 }
  await look()
  assert.deepEqual(await sums(), [[1, 0]])
})

test('nor while the log is away, nor until what was spooled then has had its fair time', async () => {
  const { clock, lag, look, sums } = await aWatch()
  const caughtUp = lag.is
  clock.now += 2 * minute
  await find(7, clock.now, clock.now)
  clock.now += 2 * minute
  lag.is = new LogUnavailable('Kafka is away.')
  await assert.rejects(look())
  lag.is = caughtUp
  clock.now += minute - 1
  await look()
  assert.deepEqual(await sums(), [])
  clock.now += 1
  await look()
  assert.deepEqual(await sums(), [[0, 1]])
})

test('a watch that has just begun judges nobody: it does not know what it has missed', async () => {
  const { clock, look, sums } = await aWatch()
  await find(7, start - 10 * minute, start - 10 * minute)
  clock.now += minute - 1
  await look()
  assert.deepEqual(await sums(), [])
  clock.now += 1
  await look()
  assert.deepEqual(await sums(), [[0, 1]])
})

test('a delivery that came twice counts once, and is done both times', async () => {
  const { clock, told, done, hand, sums } = await aWatch()
  const twice = webhook(7, clock.now)
  await hand(twice, twice)
  await hand(twice, webhook(8, clock.now))
  assert.deepEqual(await sums(), [[2, 0]])
  assert.equal(done.length, 4)
  assert.deepEqual(told, [
    ['outreach.account', 1],
    ['outreach.account', 1],
  ])
})

test('a state that is away holds the entries, and nothing is lost or counted twice', async () => {
  let failures = 3
  const { clock, told, hand, sums } = await aWatch(() => failures-- > 0)
  await hand(webhook(7, clock.now), webhook(8, clock.now))
  assert.deepEqual(await sums(), [[2, 0]])
  assert.ok(told.includes('Error: away'))
})

test('what was announced days ago, and read only now, is not noted any more', async () => {
  const { clock, done, hand, sums } = await aWatch()
  clock.now -= 73 * 60 * minute
  const old = webhook(7, clock.now)
  const handed = hand(old)
  clock.now = start
  await handed
  assert.deepEqual([await sums(), done.length], [[], 1])
})

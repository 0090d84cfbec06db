import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'vitest'
import type { Entry } from '../event-log/event-log.ts'
import { openTableSpool } from '../event-log/spool/open-table-spool.ts'
import type { TableSpoolOptions } from '../event-log/spool/open-table-spool.ts'
import { quietSignals } from '../event-log/spool/signals.fixture.ts'
import type { Held, Spool } from '../event-log/spool/spool.ts'
import { openEmbeddedState } from '../state/embedded-state.ts'
import { migrations } from '../state/schema.ts'
import type { StateStore } from '../state/state-store.ts'

let dir: string
let state: StateStore
let nowMs: number
const minute = 60_000

const openSpool = (options: Partial<TableSpoolOptions> = {}) =>
  openTableSpool({
    store: state,
    now: () => nowMs,
    signals: { ...quietSignals, stateAway: () => {} },
    ...options,
  })
const entry = (text: string): Entry => ({
  topic: 'outreach.account',
  key: 'outreach:account:1',
  value: Buffer.from(text),
})
const textOf = ({ value }: Entry) => Buffer.from(value).toString()

async function drain(spool: Spool, most = 500): Promise<readonly Held[]> {
  const all: Held[] = []
  for (;;) {
    const batch = await spool.oldest(most)
    if (batch === undefined) return all
    all.push(...batch.held)
    await batch.forwarded()
  }
}
const countRows = async (table: string) =>
  Number((await state.read({ sql: `SELECT count(*) AS n FROM ${table}` }))[0]?.['n'])

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'state-'))
  nowMs = 1_000_000_000
  state = await openEmbeddedState({ dir, migrations })
})
afterEach(async () => {
  await state[Symbol.asyncDispose]()
  rmSync(dir, { recursive: true })
})

test('what is kept comes back whole and in order, whatever bytes it has, and its rows go', async () => {
  const spool = await openSpool()
  assert.equal(spool.isEmpty(), true)
  const binary = {
    topic: 't',
    key: 'ключ\u0000"1"',
    value: Uint8Array.from([0, 255, 10]),
    headers: { traceparent: '00-ü\u0000-1' },
  }
  const words = Array.from({ length: 450 }, (_, n) => String(n))
  const kept = words.map((word) => spool.keep([entry(word)]))
  const tickets = (await Promise.all([...kept, spool.keep([binary, entry('last')])])).flat()
  assert.equal(spool.isEmpty(), false)
  const held = await drain(spool, 30)
  assert.deepEqual(
    held.map(({ ticket }) => ticket),
    tickets,
  )
  assert.deepEqual(held.slice(0, 450).map(textOf), words)
  const { topic, key, value, headers } = held[450] ?? entry('')
  assert.deepEqual({ topic, key, value: new Uint8Array(value), headers }, binary)
  assert.equal(spool.isEmpty(), true)
  assert.equal(await countRows('spool'), 0)
})

test('status and room: how many, how old, how full; full refuses and says so', async () => {
  const spool = await openSpool({ capacityBytes: 1_000 })
  await spool.keep([entry('a'.repeat(500))])
  nowMs += 9_000
  const { fullRatio, ...status } = await spool.status()
  assert.deepEqual(status, { events: 1, oldestSeconds: 9, setAside: 0 })
  assert(fullRatio > 0.5 && fullRatio < 0.6)
  await assert.rejects(spool.keep([entry('b'.repeat(600))]), { message: /spool is full/ })
  assert.deepEqual(await spool.room(), { ok: true })
  await spool.keep([entry('c'.repeat(380))])
  assert.equal((await spool.room()).ok, false)
  await drain(spool)
  assert.deepEqual(await spool.room(), { ok: true })
})

test('a process that closes leaves its rows to the next that looks; one that closes empty leaves nothing', async () => {
  const [one, two] = [await openSpool(), await openSpool()]
  await one.keep([entry('a'), entry('b')])
  await one[Symbol.asyncDispose]()
  await two[Symbol.asyncDispose]()
  assert.equal(await countRows('spool_owners'), 1)
  const adopted: number[] = []
  const next = await openSpool({
    signals: {
      ...quietSignals,
      stateAway: () => {},
      spoolAdopted: ({ events }) => adopted.push(events),
    },
  })
  assert.equal(next.isEmpty(), false)
  await next.keep([entry('c')])
  assert.deepEqual((await drain(next)).map(textOf), ['a', 'b', 'c'])
  assert.deepEqual(adopted, [2])
  assert.equal(await countRows('spool_owners'), 1)
  await next[Symbol.asyncDispose]()
  assert.equal(await countRows('spool_owners'), 0)
})

test('a process that gave no sign of life for a minute is taken over, by one only; a living one is not', async () => {
  // Never closed: it was killed.
  const dead = await openSpool({ times: { signEveryMs: 1e9, deadAfterMs: minute } })
  await dead.keep([entry('a')])
  nowMs += minute - 1
  const early = await openSpool()
  assert.equal(early.isEmpty(), true)
  nowMs += 2
  const [one, two] = await Promise.all([openSpool(), openSpool()])
  assert.deepEqual([one.isEmpty(), two.isEmpty()].toSorted(), [false, true])
  const heir = one.isEmpty() ? two : one
  assert.deepEqual((await drain(heir)).map(textOf), ['a'])
  for (const spool of [early, one, two]) await spool[Symbol.asyncDispose]()
})

test('who took something over and dies is taken over itself', async () => {
  const times = { signEveryMs: 1e9, deadAfterMs: minute }
  const first = await openSpool({ times })
  await first.keep([entry('a')])
  nowMs += minute + 1
  const second = await openSpool({ times })
  await second.keep([entry('b')])
  nowMs += minute + 1
  const third = await openSpool()
  assert.deepEqual((await drain(third)).map(textOf).toSorted(), ['a', 'b'])
  await third[Symbol.asyncDispose]()
})

test('one that was only held up goes on with what is left, though another took its rows over', async () => {
  const slow = await openSpool({ times: { signEveryMs: 1e9, deadAfterMs: minute } })
  await slow.keep([entry('a')])
  nowMs += minute + 1
  const heir = await openSpool()
  await drain(heir)
  assert.equal(await slow.oldest(10), undefined)
  assert.equal(slow.isEmpty(), true)
  await slow.keep([entry('b')])
  assert.deepEqual((await drain(slow)).map(textOf), ['b'])
  await Promise.all([slow, heir].map((spool) => spool[Symbol.asyncDispose]()))
})

test('the state away: nothing is answered; a write whose answer was lost is forwarded all the same', async () => {
  let fault: 'none' | 'before' | 'after' = 'none'
  const store: TableSpoolOptions['store'] = {
    ...state,
    write: async (statements) => {
      if (fault === 'before') throw new Error('the connection broke')
      const written = await state.write(statements)
      if (fault === 'after') throw new Error('the connection broke')
      return written
    },
  }
  const spool = await openSpool({ store })
  fault = 'before'
  await assert.rejects(spool.keep([entry('a')]), {
    retry: 'later',
    message: 'The spool could not keep it: the connection broke',
  })
  fault = 'after'
  await assert.rejects(spool.keep([entry('b')]))
  fault = 'none'
  await spool.keep([entry('c')])
  assert.deepEqual((await drain(spool)).map(textOf), ['b', 'c'])
  assert.equal(spool.isEmpty(), true)
  await spool[Symbol.asyncDispose]()
})

test('what is set aside stays in a table for people', async () => {
  const spool = await openSpool()
  await spool.keep([entry('a')])
  const [held] = (await spool.oldest(1))?.held ?? []
  assert(held !== undefined)
  await spool.setAside(held, 'too large')
  await spool.setAside(held, 'too large')
  assert.equal((await spool.status()).setAside, 1)
  await spool[Symbol.asyncDispose]()
})

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
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

/** Looks again and again, and believes dead who gave no sign of life for a minute of `clockMs`. */
const busy = { signEveryMs: 5, deadAfterMs: 20 }
/** Never signs again, as if it were killed or held up. */
const mute = { signEveryMs: 1e9, deadAfterMs: 1e9 }
let clockMs = 0

async function openWatcher() {
  let looks = 0
  let isAway = false
  const unlessAway = <Answer>(answer: Promise<Answer>) =>
    isAway ? Promise.reject(new Error('the connection broke')) : answer
  const store: TableSpoolOptions['store'] = {
    read: async (statement) => {
      try {
        return await unlessAway(state.read(statement))
      } finally {
        if (statement.sql.includes('seen_at')) looks++
      }
    },
    write: (statements) => unlessAway(isAway ? Promise.resolve([]) : state.write(statements)),
  }
  const spool = await openSpool({ store, clock: () => clockMs, times: busy })
  return {
    spool,
    /** The state is away for this one alone. */
    cutOff: (isCut: boolean) => (isAway = isCut),
    untilLooked: async () => {
      for (const until = looks + 2; looks < until;) await turn()
    },
  }
}
const untilHeld = async (...spools: readonly Spool[]) => {
  while (spools.every((spool) => spool.isEmpty())) await turn()
}
const close = (...spools: readonly Spool[]) =>
  Promise.all(spools.map((spool) => spool[Symbol.asyncDispose]()))

test('who gave no sign of life for long is taken over, by one only', async () => {
  const dead = await openSpool({ times: mute })
  await dead.keep([entry('a')])
  const one = await openWatcher()
  const two = await openWatcher()
  clockMs += busy.deadAfterMs - 1
  await Promise.all([one.untilLooked(), two.untilLooked()])
  assert(one.spool.isEmpty() && two.spool.isEmpty())
  clockMs += 1
  await untilHeld(one.spool, two.spool)
  await Promise.all([one.untilLooked(), two.untilLooked()])
  assert.notEqual(one.spool.isEmpty(), two.spool.isEmpty())
  const heir = one.spool.isEmpty() ? two.spool : one.spool
  assert.deepEqual((await drain(heir)).map(textOf), ['a'])
  await close(one.spool, two.spool)
})

test('a living one is not taken over, whatever the clocks say', async () => {
  const living = await openSpool({ now: () => 1, times: { ...mute, signEveryMs: 5 } })
  await living.keep([entry('a')])
  const signs = async () => JSON.stringify(await state.read({ sql: 'SELECT * FROM spool_owners' }))
  const { spool, untilLooked } = await openWatcher()
  for (let n = 0; n < 5; n++) {
    await untilLooked()
    const before = await signs()
    while ((await signs()) === before) await turn()
    clockMs += busy.deadAfterMs
  }
  await untilLooked()
  assert.equal(spool.isEmpty(), true)
  await close(living, spool)
})

test('nobody is dead for not having signed while the state was away', async () => {
  const heldUp = await openSpool({ times: mute })
  await heldUp.keep([entry('a')])
  const { spool, untilLooked, cutOff } = await openWatcher()
  cutOff(true)
  await untilLooked()
  clockMs += busy.deadAfterMs
  cutOff(false)
  await untilLooked()
  assert.equal(spool.isEmpty(), true)
  clockMs += busy.deadAfterMs
  await untilHeld(spool)
  await close(heldUp, spool)
})

test('who took something over and dies is taken over itself', async () => {
  const first = await openSpool({ times: mute })
  await first.keep([entry('a')])
  const second = await openWatcher()
  clockMs += busy.deadAfterMs
  await untilHeld(second.spool)
  await second.spool.keep([entry('b')])
  second.cutOff(true)
  const third = await openWatcher()
  clockMs += busy.deadAfterMs
  await third.untilLooked()
  assert.deepEqual((await drain(third.spool)).map(textOf).toSorted(), ['a', 'b'])
  second.cutOff(false)
  await close(second.spool, third.spool)
})

test('who was taken over though it lives forwards nothing until the other is done, then the rest', async () => {
  const slow = await openSpool({ times: mute })
  await slow.keep([entry('a'), entry('b'), entry('c')])
  await (await slow.oldest(1))?.forwarded()
  const heir = await openWatcher()
  clockMs += busy.deadAfterMs
  await untilHeld(heir.spool)
  await assert.rejects(slow.oldest(1), { name: 'LogUnavailable', retry: 'later' })
  await slow.keep([entry('d')])
  assert.equal(slow.isEmpty(), false)
  assert.deepEqual((await drain(heir.spool)).map(textOf), ['b', 'c', 'd'])
  await slow.keep([entry('e')])
  assert.deepEqual((await drain(slow)).map(textOf), ['e'])
  assert.equal(slow.isEmpty(), true)
  await close(slow, heir.spool)
  assert.equal(await countRows('spool_owners'), 0)
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

import assert from 'node:assert/strict'
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, test } from 'vitest'
import type { Entry } from '../event-log.ts'
import { LogRefused } from '../log-refused.ts'
import { openDiskSpool } from './open-disk-spool.ts'
import type { DiskSpoolOptions } from './open-disk-spool.ts'
import { quietSignals } from './signals.fixture.ts'
import type { Held, Spool } from './spool.ts'

let dir: string
let open: Spool[] = []
const openSpool = async (options: Partial<DiskSpoolOptions> = {}) => {
  const spool = await openDiskSpool({ dir, signals: quietSignals, ...options })
  open.push(spool)
  return spool
}
const entry = (text: string, bytes = 0): Entry => ({
  topic: 'outreach.account',
  key: 'outreach:account:1',
  value: Buffer.from(text.padEnd(bytes, '.')),
  headers: { traceparent: '00-ü-1' },
})
const entries = (...words: readonly string[]) => words.map((word) => entry(word))
const textOf = ({ value }: Entry) => Buffer.from(value).toString()

/** Everything held, in the order of forwarding; `most` a batch. */
async function drain(spool: Spool, most = 500): Promise<readonly Held[]> {
  const all: Held[] = []
  for (;;) {
    const batch = await spool.oldest(most)
    if (batch === undefined) return all
    all.push(...batch.held)
    await batch.forwarded()
  }
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'spool-'))
  open = []
})
afterEach(async () => {
  await Promise.all(open.map((spool) => spool[Symbol.asyncDispose]()))
  rmSync(dir, { recursive: true })
})

test('a directory that could not be opened is free for whoever tries again', async () => {
  const freeBytes = () => Promise.reject(new Error('the disk is sick'))
  await assert.rejects(openSpool({ freeBytes }), /the disk is sick/)
  const spool = await openSpool()
  await spool.keep([entry('a')])
  assert.deepEqual(readdirSync(dir), ['spool-1'])
})

test('what is kept is held whole and in order, also after it was opened again', async () => {
  const first = await openSpool()
  const binary = { topic: 't', key: 'ключ "1"', value: Uint8Array.from([0, 255, 10]) }
  await Promise.all([first.keep([entry('a')]), first.keep([binary, entry('b')])])
  await first[Symbol.asyncDispose]()
  const again = await openSpool()
  assert.equal(again.isEmpty(), false)
  const held = await drain(again)
  assert.deepEqual(held.map(textOf), ['a', Buffer.from(binary.value).toString(), 'b'])
  assert.deepEqual(held[0]?.headers, { traceparent: '00-ü-1' })
  assert.deepEqual(
    { ...held[1], value: [...(held[1]?.value ?? [])] },
    {
      ...held[1],
      topic: 't',
      key: binary.key,
      value: [0, 255, 10],
    },
  )
  assert.equal(held[1]?.headers, undefined)
  assert.equal(again.isEmpty(), true)
})

test('what was forwarded does not come again; what was handed out and not forwarded does', async () => {
  const first = await openSpool()
  const tickets = await first.keep(entries('a', 'b', 'c'))
  const batch = await first.oldest(1)
  assert(batch !== undefined)
  assert.deepEqual(
    batch.held.map(({ ticket }) => ticket),
    tickets.slice(0, 1),
  )
  await batch.forwarded()
  assert.deepEqual((await first.oldest(1))?.held.map(textOf), ['b'])
  await first[Symbol.asyncDispose]()
  assert.deepEqual((await drain(await openSpool())).map(textOf), ['b', 'c'])
})

test('a batch stays under what a broker takes, and holds one entry at least', async () => {
  const spool = await openSpool()
  await spool.keep([entry('a', 400_000), entry('b', 400_000), entry('c', 900_000), entry('d')])
  const counts: number[] = []
  for (let batch = await spool.oldest(500); batch; batch = await spool.oldest(500)) {
    counts.push(batch.held.length)
    await batch.forwarded()
  }
  assert.deepEqual(counts, [1, 1, 1, 1])
})

test('status tells how many, how old and how full; forwarding makes the room free again', async () => {
  let nowMs = 1_000_000
  const spool = await openSpool({ now: () => nowMs, capacityBytes: 1_000_000 })
  assert.deepEqual(await spool.status(), {
    events: 0,
    oldestSeconds: 0,
    fullRatio: 0,
    setAside: 0,
  })
  await spool.keep([entry('a', 250_000)])
  nowMs += 7_000
  await spool.keep([entry('b', 250_000)])
  const { fullRatio, ...status } = await spool.status()
  assert.deepEqual(status, { events: 2, oldestSeconds: 7, setAside: 0 })
  assert(fullRatio > 0.5 && fullRatio < 0.51)
  await drain(spool)
  assert.equal((await spool.status()).fullRatio, 0)
})

test('a full spool refuses with a sentence and says so; it takes again once it was forwarded', async () => {
  const spool = await openSpool({ capacityBytes: 100_000 })
  await spool.keep([entry('a', 60_000)])
  assert.deepEqual(await spool.room(), { ok: true })
  await assert.rejects(spool.keep([entry('b', 60_000)]), {
    retry: 'later',
    message: /spool is full: \d+ bytes wait for the event log, and it may hold 100000/,
  })
  await spool.keep([entry('c', 39_000)])
  const room = await spool.room()
  assert(!room.ok)
  assert.match(room.why, /spool is full/)
  assert.deepEqual(
    (await drain(spool)).map((held) => textOf(held)[0]),
    ['a', 'c'],
  )
  assert.deepEqual(await spool.room(), { ok: true })
  await spool.keep([entry('d', 60_000)])
})

test('the disk decides where it has less than the limit', async () => {
  let free = 0
  const spool = await openSpool({ freeBytes: () => Promise.resolve(free) })
  await assert.rejects(spool.keep(entries('a')), /spool is full/)
  assert.equal((await spool.status()).fullRatio, 1)
  free = 1024 ** 3
  assert.equal((await spool.status()).fullRatio, 0)
  await spool.keep(entries('a'))
})

test('the file does not grow for ever: what is forwarded leaves its room to what comes', async () => {
  const spool = await openSpool()
  const sizeAfterRounds = async (rounds: number) => {
    for (let round = 0; round < rounds; round++) {
      await spool.keep(Array.from({ length: 40 }, (_, n) => entry(String(n), 50_000)))
      await drain(spool)
    }
    return statSync(join(dir, 'spool-1', 'log.db')).size
  }
  const [few, many] = [await sizeAfterRounds(6), await sizeAfterRounds(12)]
  assert(many <= few * 2, `${few} bytes grew to ${many}`)
})

test('every process has a directory of its own; what a dead one left is taken over, oldest first', async () => {
  const [one, two] = [await openSpool(), await openSpool()]
  await one.keep(entries('a'))
  await two.keep(entries('b', 'c'))
  await two[Symbol.asyncDispose]()
  const adoptedEvents: number[] = []
  const third = await openSpool({
    signals: { ...quietSignals, spoolAdopted: ({ events }) => adoptedEvents.push(events) },
  })
  // It has the directory of the second one, which is free, with what is in it.
  assert.deepEqual((await drain(third)).map(textOf), ['b', 'c'])
  assert.equal(adoptedEvents.length, 0)
  await third.keep(entries('d'))
  await third[Symbol.asyncDispose]()
  await one[Symbol.asyncDispose]()
  const last = await openSpool({
    signals: { ...quietSignals, spoolAdopted: ({ events }) => adoptedEvents.push(events) },
  })
  await last.keep(entries('e'))
  assert.deepEqual((await drain(last)).map(textOf), ['d', 'a', 'e'])
  assert.deepEqual(adoptedEvents, [1])
  assert.equal(existsSync(join(dir, 'spool-2', 'log.db')), false)
})

test('a living process finds what another one leaves when it dies', async () => {
  const [one, two] = [await openSpool({ adoptEveryMs: 10 }), await openSpool()]
  const adopted = new Promise<void>((resolve) => {
    one.onAdopted(resolve)
  })
  await two.keep(entries('a'))
  assert.equal(one.isEmpty(), true)
  await two[Symbol.asyncDispose]()
  await adopted
  assert.equal(one.isEmpty(), false)
  assert.equal((await one.status()).events, 1)
  assert.deepEqual((await drain(one)).map(textOf), ['a'])
  assert.equal(one.isEmpty(), true)
})

test('a directory that is broken hides no other, and is told', async () => {
  const [one, two] = [await openSpool(), await openSpool()]
  const third = await openSpool()
  await third.keep(entries('a'))
  await two.keep(entries('lost'))
  await Promise.all([one, two, third].map((spool) => spool[Symbol.asyncDispose]()))
  writeFileSync(
    join(dir, 'spool-2', 'log.db'),
    'this is no database, and longer than its header '.repeat(99),
  )
  const told: unknown[] = []
  const last = await openSpool({
    signals: { ...quietSignals, spoolNotAdopted: (error) => told.push(error) },
  })
  assert.deepEqual((await drain(last)).map(textOf), ['a'])
  assert.equal(told.length, 1)
  assert.match(String(told[0]), /database/)
})

test('what is set aside is a line for people, counted, and survives', async () => {
  const spool = await openSpool()
  await spool.keep(entries('a'))
  const [held] = (await spool.oldest(1))?.held ?? []
  assert(held !== undefined)
  await spool.setAside(held, 'too large')
  await spool[Symbol.asyncDispose]()
  const again = await openSpool()
  assert.equal((await again.status()).setAside, 1)
  const line: unknown = JSON.parse(readFileSync(join(dir, 'spool-1', 'aside.jsonl'), 'utf8'))
  assert(typeof line === 'object' && line !== null && 'why' in line && 'value' in line)
  assert.equal(line.why, 'too large')
  assert.equal(Buffer.from(String(line.value), 'base64').toString(), 'a')
})

test('where nothing can be written the spool is not opened, and says what to do', async () => {
  writeFileSync(join(dir, 'spool-1'), 'a file in the way')
  await assert.rejects(openSpool(), (error: unknown) => {
    assert(error instanceof LogRefused)
    assert.match(error.message, /directory that this process can write to.*DATA_DIR/)
    return true
  })
  await assert.rejects(openSpool({ dir: join(dir, 'spool-1', 'below') }), LogRefused)
})

test('entries that are kept while others are forwarded come after them', async () => {
  const spool = await openSpool()
  const words = Array.from({ length: 2_000 }, (_, n) => String(n))
  let written = 0
  const writing = words.map(async (word) => {
    await spool.keep([entry(word)])
    written++
  })
  const seen: string[] = []
  while (written < words.length || !spool.isEmpty()) {
    seen.push(...(await drain(spool, 7)).map(textOf))
    await turn()
  }
  await Promise.all(writing)
  assert.deepEqual(seen, words)
})

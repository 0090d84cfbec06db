import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'vitest'
import { openEmbeddedLog } from './embedded-log.ts'
import type { EmbeddedLog, EmbeddedLogOptions } from './embedded-log.ts'
import { eventLogContract, makeTaker, textOf } from './event-log.contract.ts'
import { LogRefused } from './log-refused.ts'
import { makeKeepInProcess } from './make-keep-in-process.ts'
import { makePrepare } from './embedded/prepare-for-test.ts'

const DAY_MS = 86_400_000
const makeDir = () => mkdtempSync(join(tmpdir(), 'log-'))

eventLogContract({
  name: 'the embedded log',
  open: async () => {
    const dir = makeDir()
    const open = () => openEmbeddedLog({ dir, retention: { maxAgeMs: DAY_MS } })
    const log = await open()
    let latest = log
    let topics = 0
    return {
      log,
      reopen: async () => {
        await latest[Symbol.asyncDispose]()
        return (latest = await open())
      },
      makeTopic: () => Promise.resolve(`outreach.topic-${++topics}`),
      close: async () => {
        await latest[Symbol.asyncDispose]()
        rmSync(dir, { recursive: true })
      },
    }
  },
})

describe('the embedded log', () => {
  let dir: string
  let nowMs = 1_000_000
  let log: EmbeddedLog
  const topic = 't'
  const openLog = async (options: Partial<EmbeddedLogOptions> = {}) => {
    log = await openEmbeddedLog({
      dir,
      retention: { maxAgeMs: DAY_MS },
      now: () => nowMs,
      ...options,
    })
  }
  const append = (...words: readonly string[]) =>
    log.append(words.map((word) => ({ topic, key: word, value: Buffer.from(word) })))
  const words = async (from = 0n) =>
    (await log.read({ topic, partition: 0, from: { offset: from }, limit: 5_000 })).map(textOf)
  const doneBy = async (group: string, count: number) => {
    const taker = makeTaker()
    const what = { group, topics: [topic], startFrom: 'beginning', maxInHand: 5_000 } as const
    const subscription = await log.subscribe(what, taker.take)
    for (const { done } of (await taker.until(count)).slice(0, count)) done()
    await subscription.stop()
  }

  beforeEach(() => {
    dir = makeDir()
    nowMs = 1_000_000
  })
  afterEach(async () => {
    await log[Symbol.asyncDispose]()
    rmSync(dir, { recursive: true })
  })

  test('a directory that is in use is refused with a sentence', async () => {
    await openLog()
    await assert.rejects(openEmbeddedLog({ dir, retention: { maxAgeMs: 1 } }), (error: unknown) => {
      assert(error instanceof LogRefused)
      assert.match(error.message, /Another process already uses the event log in .*Stop it first/)
      return true
    })
  })

  test('a topic is read once in a group: a second subscription is refused until the first stops', async () => {
    await openLog()
    const what = { group: 'gateway-a', topics: [topic], startFrom: 'end', maxInHand: 1 } as const
    const one = await log.subscribe(what, () => {})
    await assert.rejects(
      log.subscribe(what, () => {}),
      LogRefused,
    )
    await one.stop()
    await (await log.subscribe(what, () => {})).stop()
  })

  test('a group that began at the end misses nothing while it is away, though it never committed', async () => {
    await openLog()
    const what = { group: 'gateway-a', topics: [topic], startFrom: 'end', maxInHand: 5 } as const
    await append('before')
    await (await log.subscribe(what, () => {})).stop()
    await append('away')
    const taker = makeTaker()
    await log.subscribe(what, taker.take)
    assert.deepEqual((await taker.until(1)).map(textOf), ['away'])
  })

  test('what is too old is deleted, but never what a group of ours has not committed', async () => {
    await openLog()
    await append('a', 'b', 'c')
    nowMs += DAY_MS
    await append('d')
    await doneBy('gateway-slow', 2)
    await doneBy('somebody-elses', 1)
    nowMs += 1
    await log.retain()
    assert.deepEqual(await words(), ['c', 'd'])
    await doneBy('gateway-slow', 2)
    await log.retain()
    assert.deepEqual(await words(), ['d'])
    const [at] = await append('e')
    assert.equal(at?.offset, 4n, 'offsets go on')
    const other = makeTaker()
    const what = {
      group: 'somebody-elses',
      topics: [topic],
      startFrom: 'end',
      maxInHand: 5,
    } as const
    await log.subscribe(what, other.take)
    assert.deepEqual(
      (await other.until(2)).map(textOf),
      ['d', 'e'],
      'another group takes what is left',
    )
  })

  test('what is too much is deleted oldest first over all topics, never past a group of ours', async () => {
    await openLog({ retention: { maxAgeMs: DAY_MS, maxBytes: 2_500 } })
    const value = new Uint8Array(10)
    for (let n = 0; n < 300; n++) {
      nowMs++
      await log.append([{ topic: n % 2 === 0 ? topic : 'other', key: String(n), value }])
    }
    await log.retain()
    const keys = async (name: string) =>
      (await log.read({ topic: name, partition: 0, from: { offset: 0n }, limit: 999 })).map(
        ({ key }) => Number(key),
      )
    const kept = [...(await keys(topic)), ...(await keys('other'))].sort((a, b) => a - b)
    assert.equal(kept.length, 250)
    assert(Math.min(...kept) >= 1 && Math.max(...kept) === 299)

    await doneBy('gateway-held', 10)
    const [first = 0] = await keys(topic)
    for (let n = 0; n < 3; n++)
      await log.append([{ topic: 'other', key: '999', value: new Uint8Array(2_400) }])
    await log.retain()
    assert.equal((await keys(topic))[0], first + 20, 'those of the group that is behind stay')
    assert.equal((await keys('other')).length, 0)
  })

  test('of a topic that is kept for ever nothing is deleted, however old and much', async () => {
    await openLog({ retention: { maxAgeMs: DAY_MS, maxBytes: 1, keepForever: ['kept'] } })
    const value = new Uint8Array(10)
    const entryOf = (name: string) => ({ topic: name, key: 'k', value })
    await log.append([entryOf('kept'), entryOf('kept'), entryOf('mortal'), entryOf('mortal')])
    nowMs += 2 * DAY_MS
    await log.append([entryOf('mortal')])
    await log.retain()
    const left = async (name: string) =>
      (await log.read({ topic: name, partition: 0, from: { offset: 0n }, limit: 9 })).length
    assert.deepEqual([await left('kept'), await left('mortal')], [2, 0])
  })

  test('it is read by time, also when the clock was set back in between', async () => {
    await openLog()
    for (const [word, time] of [
      ['a', 100],
      ['b', 200],
      ['c', 150],
      ['d', 300],
    ] as const) {
      nowMs = time
      await append(word)
    }
    const from = async (time: number) =>
      (await log.read({ topic, partition: 0, from: { time }, limit: 9 })).map(textOf).join('')
    assert.deepEqual(
      [await from(0), await from(101), await from(200), await from(201), await from(301)],
      ['abcd', 'bcd', 'bcd', 'd', ''],
    )
  })

  test('what is kept was prepared beside the disk, many in one commit, each with its own answer', async () => {
    const module = new URL('./embedded/prepare-for-test.ts', import.meta.url)
    await openLog({ prepare: { module, options: { topic } } })
    const raws = ['one two', 'bad', '', 'three']
    const kept = await Promise.allSettled(raws.map((raw) => log.keep(Buffer.from(raw))))
    assert.deepEqual(
      kept.map((one) =>
        one.status === 'fulfilled' ? Buffer.from(one.value).toString() : String(one.reason),
      ),
      [
        'accepted 2',
        'LogRefused: The delivery could not be prepared: a bad word',
        'accepted 0',
        'accepted 1',
      ],
    )
    assert.deepEqual(await words(), ['one', 'two', 'three'])
  })

  test('a log without a thread keeps its promise of keep in the process', async () => {
    await openLog()
    const keep = makeKeepInProcess(log, makePrepare({ topic }))
    assert.equal(Buffer.from(await keep(Buffer.from('one two'))).toString(), 'accepted 2')
    assert.equal(Buffer.from(await keep(Buffer.from(''))).toString(), 'accepted 0')
    assert.deepEqual(await words(), ['one', 'two'])
  })

  test('a prepare module that is not there is told at the start', async () => {
    await openLog()
    const elsewhere = makeDir()
    const prepare = { module: new URL('./nowhere.ts', import.meta.url), options: {} }
    await assert.rejects(
      openEmbeddedLog({ dir: elsewhere, retention: { maxAgeMs: 1 }, prepare }),
      /nowhere\.ts/,
    )
    rmSync(elsewhere, { recursive: true })
  })

  test('more than the queue may hold is refused for later, and what was taken is kept', async () => {
    await openLog()
    const value = Buffer.alloc(10 * 1024 * 1024)
    const appends = Array.from({ length: 8 }, () => log.append([{ topic, key: 'k', value }]))
    const settled = await Promise.allSettled(appends)
    assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 6)
    await assert.rejects(Promise.all(appends), { code: 'log-unavailable', retry: 'later' })
    assert.equal((await append('next'))[0]?.offset, 6n)
  })
})

import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'vitest'
import type { Entry, EventLog, Handed, Kept, Subscribe, Take } from './event-log.ts'

export type LogUnderTest = {
  readonly log: EventLog
  /** Closes the log and opens what it kept. */
  readonly reopen: () => Promise<EventLog>
  /** A topic that nobody has used. */
  readonly makeTopic: () => Promise<string>
  readonly close: () => Promise<void>
}

type Contract = {
  readonly name: string
  readonly open: () => Promise<LogUnderTest>
}

/** Takes whatever is handed to it, and lets a test wait for so many. */
export function makeTaker() {
  const handed: Handed[] = []
  let owned: AbortSignal | undefined
  let wake = () => {}
  const take: Take = (entries, signal) => {
    owned = signal
    handed.push(...entries)
    wake()
  }
  return {
    take,
    handed,
    owned: () => owned,
    until: async (count: number): Promise<readonly Handed[]> => {
      while (handed.length < count) await new Promise<void>((resolve) => (wake = resolve))
      return handed
    },
  }
}

export const textOf = ({ value }: { readonly value: Uint8Array }) => Buffer.from(value).toString()
const texts = (entries: readonly { readonly value: Uint8Array }[]) => entries.map(textOf)

export function eventLogContract({ name, open }: Contract): void {
  describe(`${name} keeps the promises of an event log`, () => {
    let under: LogUnderTest
    let log: EventLog
    let topic: string
    const entry = (text: string, key = 'outreach:account:1'): Entry => ({
      topic,
      key,
      value: Buffer.from(text),
    })
    const append = (...words: readonly string[]) => log.append(words.map((text) => entry(text)))
    const subscribe = async (what: Partial<Subscribe> = {}) => {
      const taker = makeTaker()
      const subscription = await log.subscribe(
        { group: 'gateway-one', topics: [topic], startFrom: 'beginning', maxInHand: 100, ...what },
        taker.take,
      )
      return { ...taker, ...subscription }
    }
    const readAll = async (): Promise<readonly Kept[]> => {
      const kept: Kept[] = []
      for (let partition = 0; partition < (await log.partitionsOf(topic)); partition++) {
        for (let offset = 0n; ;) {
          const page = await log.read({ topic, partition, from: { offset }, limit: 1_000 })
          kept.push(...page)
          const last = page.at(-1)
          if (last === undefined) break
          offset = last.at.offset + 1n
        }
      }
      return kept
    }

    beforeEach(async () => {
      under = await open()
      log = under.log
      topic = await under.makeTopic()
    })
    afterEach(() => under.close())

    test('a subscription that was called off is refused at once, and its group is free', async () => {
      await append('a')
      await assert.rejects(subscribe({ signal: AbortSignal.abort() }), {
        name: 'LogUnavailable',
        retry: 'later',
      })
      const { until, stop } = await subscribe({ signal: new AbortController().signal })
      assert.deepEqual(texts(await until(1)), ['a'])
      await stop()
    })

    test('what was appended is read back whole, also after it was opened again', async () => {
      const headers = { 'content-type': 'application/cloudevents+json', traceparent: '00-ü-1' }
      const value = Buffer.from([0, 255, 10, 0])
      const key = 'outreach:account:ключ 🚀 "1"'
      const before = Date.now()
      const [at] = await log.append([{ topic, key, value, headers }])
      log = await under.reopen()
      const [kept, ...more] = await readAll()
      assert.deepEqual(more, [])
      assert(kept !== undefined)
      assert.deepEqual(
        { ...kept, value: Buffer.from(kept.value), keptAt: 0 },
        { topic, key, value, headers, at, keptAt: 0 },
      )
      assert(kept.keptAt >= before - 1_000 && kept.keptAt <= Date.now() + 1_000)
    })

    test('nothing appended is nothing kept; nothing kept is nothing read', async () => {
      assert.deepEqual(await log.append([]), [])
      assert.deepEqual(await readAll(), [])
      assert.deepEqual(await log.read({ topic, partition: 0, from: { offset: 0n }, limit: 5 }), [])
    })

    test('empty, huge and unicode values come back as they went in', async () => {
      const huge = Buffer.alloc(700_000, 'ab🚀')
      await log.append([{ ...entry(''), value: huge }, entry(''), entry('ünï\u0000cödé')])
      const values = (await readAll()).map(({ value }) => Buffer.from(value))
      assert(values[0]?.equals(huge))
      assert.deepEqual(values.slice(1).map(String), ['', 'ünï\u0000cödé'])
    })

    test('entries of one key are handed out in the order of their append', async () => {
      const keys = ['outreach:account:1', 'outreach:account:2', 'workbooks:organisation:3']
      const reader = await subscribe()
      for (let n = 0; n < 30; n++) {
        await log.append([entry(`${n}a`, keys[n % 3]), entry(`${n}b`, keys[n % 3])])
      }
      const handed = await reader.until(60)
      for (const [index, key] of keys.entries()) {
        const expected = Array.from({ length: 10 }, (_, n) => [
          `${n * 3 + index}a`,
          `${n * 3 + index}b`,
        ])
        assert.deepEqual(texts(handed.filter((one) => one.key === key)), expected.flat())
      }
    })

    test('appends that come at once get offsets without a gap, each call its own in order', async () => {
      const positions = await Promise.all(
        Array.from({ length: 200 }, (_, n) => append(`${n}a`, `${n}b`)),
      )
      const kept = await readAll()
      const textAt = new Map(
        kept.map((one) => [`${one.at.partition}/${one.at.offset}`, textOf(one)]),
      )
      for (const [n, [first, second]] of positions.entries()) {
        assert(first !== undefined && second !== undefined)
        assert(second.offset > first.offset)
        assert.equal(textAt.get(`${first.partition}/${first.offset}`), `${n}a`)
        assert.equal(textAt.get(`${second.partition}/${second.offset}`), `${n}b`)
      }
      const inFirst = kept.filter(({ at }) => at.partition === first(kept).at.partition)
      assert.deepEqual(
        inFirst.map(({ at }) => at.offset),
        inFirst.map((_, n) => BigInt(n)),
      )
      assert.equal(kept.length, 400)
    })

    test('a group goes on after its last commit', async () => {
      const reader = await subscribe()
      await append('a', 'b', 'c')
      for (const { done } of await reader.until(3)) done()
      await reader.stop()
      log = await under.reopen()
      await append('d')
      const again = await subscribe()
      assert.deepEqual(texts(await again.until(1)), ['d'])
    })

    test('what was not done is handed out again, and what was done behind it too', async () => {
      const reader = await subscribe()
      await append('a', 'b', 'c', 'd', 'e')
      const handed = await reader.until(5)
      for (const index of [0, 2, 4, 2]) handed[index]?.done()
      await reader.stop()
      const again = await subscribe()
      const rest = await again.until(4)
      assert.deepEqual(texts(rest), ['b', 'c', 'd', 'e'])
      rest[1]?.done()
      rest[0]?.done()
      await again.stop()
      log = await under.reopen()
      assert.deepEqual(texts(await (await subscribe()).until(2)), ['d', 'e'])
    })

    test('done twice counts once', async () => {
      const reader = await subscribe({ maxInHand: 2 })
      await append('a', 'b', 'c', 'd')
      const [a] = await reader.until(2)
      a?.done()
      a?.done()
      await reader.until(3)
      const other = await subscribe({ group: 'gateway-other' })
      await other.until(4)
      assert.deepEqual(texts(reader.handed), ['a', 'b', 'c'])
    })

    test('done after stop changes nothing, and who is stopped no longer owns what is in hand', async () => {
      const reader = await subscribe()
      await append('a')
      const [a] = await reader.until(1)
      assert.equal(reader.owned()?.aborted, false)
      await reader.stop()
      assert.equal(reader.owned()?.aborted, true)
      a?.done()
      await reader.stop()
      assert.deepEqual(texts(await (await subscribe()).until(1)), ['a'])
    })

    test('groups do not disturb each other', async () => {
      const [one, two] = [await subscribe(), await subscribe({ group: 'gateway-two' })]
      await append('a', 'b')
      for (const { done } of await one.until(2)) done()
      await two.until(2)
      await Promise.all([one.stop(), two.stop()])
      const again = await subscribe({ group: 'gateway-two' })
      assert.deepEqual(texts(await again.until(2)), ['a', 'b'])
    })

    test('a group that begins at the end sees only what comes later, at the beginning everything', async () => {
      await append('early')
      const late = await subscribe({ group: 'gateway-late', startFrom: 'end' })
      const early = await subscribe({ group: 'gateway-early' })
      await append('later')
      assert.deepEqual(texts(await late.until(1)), ['later'])
      assert.deepEqual(texts(await early.until(2)), ['early', 'later'])
    })

    test('a group that has committed goes on from there, wherever it is told to begin', async () => {
      const reader = await subscribe()
      await append('a', 'b')
      const [a] = await reader.until(2)
      a?.done()
      await reader.stop()
      const again = await subscribe({ startFrom: 'end' })
      assert.deepEqual(texts(await again.until(1)), ['b'])
    })

    test('one subscription may take several topics', async () => {
      const other = await under.makeTopic()
      const reader = await subscribe({ topics: [topic, other] })
      await log.append([entry('a'), { ...entry('b'), topic: other }, entry('c')])
      const handed = await reader.until(3)
      assert.deepEqual(texts(handed.filter((one) => one.topic === topic)), ['a', 'c'])
      assert.deepEqual(texts(handed.filter((one) => one.topic === other)), ['b'])
    })

    test('no more is in hand than was asked for, and each that is done makes room', async () => {
      const reader = await subscribe({ maxInHand: 3 })
      const other = await subscribe({ group: 'gateway-other' })
      const words = Array.from({ length: 20 }, (_, n) => String(n))
      await append(...words)
      await other.until(20)
      for (let count = 3; count < 20; count++) {
        const handed = await reader.until(count)
        assert.equal(handed.length, count)
        // Out of order: the second oldest first, so one stays behind all the time.
        handed[count - 2]?.done()
      }
      assert.deepEqual(texts(await reader.until(20)), words)
    })

    test('nothing is handed out between pause and resume, and nothing is missing afterwards', async () => {
      const reader = await subscribe()
      const other = await subscribe({ group: 'gateway-other' })
      await append('a')
      const [a] = await reader.until(1)
      reader.pause()
      await append('b', 'c')
      await other.until(3)
      a?.done()
      assert.deepEqual(texts(reader.handed), ['a'])
      reader.resume()
      assert.deepEqual(texts(await reader.until(3)), ['a', 'b', 'c'])
    })

    test('it is read from any offset and from any time', async () => {
      const at = (await append('a', 'b', 'c')).map(({ offset }) => offset)
      const partition = first(await readAll()).at.partition
      const read = async (from: { offset: bigint } | { time: number }, limit = 10) =>
        texts(await log.read({ topic, partition, from, limit }))
      assert.deepEqual(await read({ offset: at[1] ?? 0n }), ['b', 'c'])
      assert.deepEqual(await read({ offset: at[1] ?? 0n }, 1), ['b'])
      assert.deepEqual(await read({ offset: (at[2] ?? 0n) + 1n }), [])
      const { keptAt } = first(await readAll())
      assert.deepEqual(await read({ time: 0 }), ['a', 'b', 'c'])
      assert.deepEqual(await read({ time: keptAt }), ['a', 'b', 'c'])
      assert.deepEqual(await read({ time: keptAt + 3_600_000 }), [])
    })

    test('lags tell how many events and seconds each group is behind', async () => {
      const reader = await subscribe()
      await append('a', 'b', 'c')
      const [a, b] = await reader.until(3)
      b?.done()
      a?.done()
      await reader.stop()
      const [lag] = (await log.lags()).filter(({ group }) => group.endsWith('gateway-one'))
      assert.equal(lag?.events, 1)
      assert(lag.seconds >= 0 && lag.seconds < 60)
    })

    test('closing while appending: whatever was acknowledged is there, the rest was refused', async () => {
      const results: Promise<unknown>[] = []
      for (let n = 0; n < 300; n++) results.push(append(String(n)))
      const reopening = under.reopen()
      const late = assert.rejects(append('late'), { retry: 'later' })
      const settled = await Promise.allSettled(results)
      await late
      log = await reopening
      const kept = new Set(texts(await readAll()))
      for (const [n, { status }] of settled.entries()) {
        if (status === 'fulfilled') assert(kept.has(String(n)))
      }
      assert.equal(kept.has('late'), false)
    })

    test('health is well while the log is open, and says why it is not afterwards', async () => {
      assert.deepEqual(await log.health(), { ok: true })
      const closed = log
      log = await under.reopen()
      const health = await closed.health()
      assert.equal(health.ok, false)
    })
  })
}

function first(kept: readonly Kept[]): Kept {
  const [one] = kept
  assert(one !== undefined)
  return one
}

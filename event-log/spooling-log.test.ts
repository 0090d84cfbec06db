import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, test } from 'vitest'
import type { Entry } from './event-log.ts'
import { LogRefused } from './log-refused.ts'
import { LogUnavailable } from './log-unavailable.ts'
import { makeFaultyLog } from './spool/faulty-log.fixture.ts'
import type { SendFate } from './spool/faulty-log.fixture.ts'
import { makeMemoryDisk, openMemorySpool } from './spool/memory-spool.fixture.ts'
import { quietSignals } from './spool/signals.fixture.ts'
import type { Queue } from './spool/spool.ts'
import { makeSpoolingLog } from './spooling-log.ts'
import type { SpoolingLogOptions } from './spooling-log.ts'

const entry = (text: string, key = 'k'): Entry => ({ topic: 't', key, value: Buffer.from(text) })
const textOf = ({ value }: Entry) => Buffer.from(value).toString()
const tooLarge = new LogRefused('Too large.')

type Send = { readonly words: readonly string[]; readonly settle: (fate: SendFate) => void }

/** Each send waits for the test to say what becomes of it, or fails like the test says beforehand. */
async function aHouse(options: Partial<SpoolingLogOptions> & { isFull?: () => boolean } = {}) {
  const sends: Send[] = []
  const told: string[] = []
  let wake = () => {}
  let decide: ((words: readonly string[]) => SendFate | Error) | undefined
  const kept: Entry[] = []
  const disk = makeMemoryDisk()
  const changed = () => {
    wake()
  }
  const tell = (name: string) => (facts: unknown) => {
    const hasCause = typeof facts === 'object' && facts !== null && 'why' in facts
    told.push(hasCause ? `${name} ${String(facts.why)}` : name)
    changed()
  }
  const inner = makeFaultyLog({
    kept,
    decideFate: (entries) => {
      const words = entries.map(textOf)
      const decided = decide?.(words)
      changed()
      if (decided instanceof Error) return Promise.reject(decided)
      if (decided !== undefined) return Promise.resolve(decided)
      return new Promise((settle) => {
        sends.push({ words, settle })
        changed()
      })
    },
  })
  const { isFull, ...rest } = options
  const spool = rest.spool ?? (await openMemorySpool({ disk, ...(isFull && { isFull }) }))
  const log = makeSpoolingLog({
    log: inner,
    deadlineMs: 10_000,
    isHopeless: (error) => error === tooLarge,
    waits: { firstMs: 1, lastMs: 1 },
    ...rest,
    spool,
    signals: {
      ...quietSignals,
      spoolEntered: tell('entered'),
      spoolLeft: tell('left'),
      spoolSetAside: tell('set aside'),
      spoolNotForwarded: tell('not forwarded'),
    },
  })
  return {
    log,
    sends,
    told,
    kept,
    disk,
    words: () => kept.map(textOf),
    decide: (how: typeof decide) => (decide = how),
    until: async (condition: () => boolean) => {
      while (!condition()) await new Promise<void>((resolve) => (wake = resolve))
    },
  }
}

test('while the log answers, nothing touches the spool', async () => {
  const { log, told, disk, decide } = await aHouse()
  decide(() => 'kept')
  assert.equal((await log.append([entry('a'), entry('b')])).length, 2)
  assert.deepEqual([told, disk.nextTicket], [[], 0])
  assert.deepEqual(await log.append([]), [])
})

describe('a send that the log does not answer in time', () => {
  test('is answered from the spool; what waited behind it and what comes later joins it there', async () => {
    const { log, sends, told, until, disk } = await aHouse({ deadlineMs: 5 })
    const first = log.append([entry('a')])
    await until(() => sends.length === 1)
    const behind = log.append([entry('b')])
    assert.deepEqual(await Promise.all([first, behind]), [[], []])
    assert.deepEqual(await log.append([entry('c')]), [])
    assert.deepEqual(told, ['entered late'])
    assert.deepEqual(disk.held.map(textOf), ['a', 'b', 'c'])
    assert.equal(sends.length, 1, 'nothing is sent while it is not known what became of the first')
  })

  test('and arrived all the same is not sent again; the rest follows in order, and the log is direct again', async () => {
    const { log, sends, told, until, words, decide } = await aHouse({ deadlineMs: 5 })
    const first = log.append([entry('a')])
    await until(() => sends.length === 1)
    const behind = log.append([entry('b')])
    await Promise.all([first, behind])
    decide(() => 'kept')
    sends[0]?.settle('kept')
    await until(() => told.includes('left'))
    assert.deepEqual(words(), ['a', 'b'])
    assert.equal((await log.append([entry('c')])).length, 1)
    assert.deepEqual(told, ['entered late', 'left'])
  })

  test('and did not arrive is sent before what came later', async () => {
    const { log, sends, told, until, words, decide } = await aHouse({ deadlineMs: 5 })
    const first = log.append([entry('a')])
    await until(() => sends.length === 1)
    await Promise.all([first, log.append([entry('b')])])
    decide(() => 'kept')
    sends[0]?.settle('rejected')
    await until(() => told.includes('left'))
    assert.deepEqual(words(), ['a', 'b'])
  })
})

test('what the log rejects is answered from the spool at once, and tried until the log takes it', async () => {
  const { log, told, until, words, decide } = await aHouse()
  decide(() => new LogUnavailable('Away.'))
  assert.deepEqual(await log.append([entry('a')]), [])
  await until(() => told.filter((one) => one === 'not forwarded').length >= 3)
  decide(() => 'kept')
  await until(() => told.includes('left'))
  assert.deepEqual(words(), ['a'])
})

test('what a former life left goes before anything else', async () => {
  const disk = makeMemoryDisk()
  disk.held = [{ ...entry('old'), ticket: 'x', heldAt: 0 }]
  const spool = await openMemorySpool({ disk })
  const { log, told, until, words, decide } = await aHouse({ spool })
  decide(() => 'kept')
  assert.deepEqual(await log.append([entry('new')]), [])
  await until(() => told.includes('left'))
  assert.deepEqual(words(), ['old', 'new'])
  assert.deepEqual(told, ['entered left-over', 'left'])
})

test('what a dead process left is taken over later too, and later appends go behind it', async () => {
  const left = makeMemoryDisk()
  left.held = [{ ...entry('theirs'), ticket: 'x', heldAt: 0 }]
  let found: readonly Queue[] = []
  const adopt = () => {
    const queues = found
    found = []
    return Promise.resolve(queues)
  }
  const spool = await openMemorySpool({ disk: makeMemoryDisk(), adopt, adoptEveryMs: 2 })
  const { told, until, words, decide } = await aHouse({ spool })
  decide(() => 'kept')
  found = [await openMemorySpool({ disk: left }).then(toQueue)]
  await until(() => told.includes('left'))
  assert.deepEqual(words(), ['theirs'])
  assert.deepEqual(left.held, [])
  assert.deepEqual(told, ['entered adopted', 'left'])
})

test('an entry that the log will never take is set aside, and what is around it arrives in order', async () => {
  const { log, told, until, words, decide, disk } = await aHouse()
  decide((words) => (words.includes('huge') ? tooLarge : 'kept'))
  const answers = ['a', 'huge', 'b'].map((word) => log.append([entry(word)]))
  assert.deepEqual((await Promise.all(answers)).flat(), [])
  await until(() => told.includes('left'))
  assert.deepEqual(words(), ['a', 'b'])
  assert.deepEqual(disk.aside.map(textOf), ['huge'])
  assert.equal((await log.status()).setAside, 1)
  assert.deepEqual(told, ['entered rejected', 'set aside', 'left'])
})

test('a refusal that somebody can mend sets nothing aside: all waits, in order', async () => {
  const { log, told, until, words, decide, disk } = await aHouse()
  decide(() => new LogRefused('We may not write to this topic.'))
  await Promise.all([log.append([entry('a')]), log.append([entry('b')])])
  await until(() => told.includes('not forwarded'))
  decide(() => 'kept')
  await until(() => told.includes('left'))
  assert.deepEqual(words(), ['a', 'b'])
  assert.deepEqual(disk.aside, [])
})

test('health is well while the spool has room, and says that it is full; nothing is answered then', async () => {
  let isFull = false
  const { log, told, until, decide, words } = await aHouse({ isFull: () => isFull })
  decide(() => new LogUnavailable('Away.'))
  await log.append([entry('a')])
  assert.deepEqual(await log.health(), { ok: true })
  isFull = true
  await assert.rejects(log.append([entry('b')]), { message: 'The spool is full.', retry: 'later' })
  const health = await log.health()
  assert(!health.ok)
  assert.match(health.why, /log is away.*spool is full/)
  assert.equal((await log.status()).fullRatio, 1)
  decide(() => 'kept')
  await until(() => told.includes('left'))
  assert.deepEqual(words(), ['a'])
  assert.deepEqual(await log.health(), { ok: true })
})

test('closing leaves on disk what is not forwarded, and refuses what comes later', async () => {
  const { log, decide, disk } = await aHouse()
  decide(() => new LogUnavailable('Away.'))
  await log.append([entry('a')])
  await log[Symbol.asyncDispose]()
  await assert.rejects(log.append([entry('b')]), { retry: 'later' })
  assert.deepEqual(disk.held.map(textOf), ['a'])
  assert.equal((await log.health()).ok, false)
})

function toQueue(spool: Awaited<ReturnType<typeof openMemorySpool>>): Queue {
  return { ...spool, status: () => Promise.resolve({ events: 1, oldestAt: 0 }) }
}

test('under steady load the log is direct again too, in order, and without joining the spool for ever', async () => {
  const kept: Entry[] = []
  let isAway = true
  const disk = makeMemoryDisk()
  const log = makeSpoolingLog({
    log: makeFaultyLog({
      kept,
      decideFate: async () => {
        await turn()
        return isAway ? 'rejected' : 'kept'
      },
    }),
    spool: await openMemorySpool({ disk, pass: () => turn() }),
    deadlineMs: 1_000,
    isHopeless: () => false,
    waits: { firstMs: 0, lastMs: 1 },
    signals: quietSignals,
  })
  let isDirect = false
  let rounds = 0
  // Whoever is answered sends the next one at once: there is never a moment without one under way.
  const write = async (key: string) => {
    for (let n = 0; !isDirect; n++) {
      const positions = await log.append([{ topic: 't', key, value: Buffer.from(String(n)) }])
      rounds++
      if (rounds === 30) isAway = false
      if (!isAway && positions.length > 0) isDirect = true
      assert(rounds < 5_000, 'it goes through the spool for ever')
    }
  }
  const keys = ['a', 'b', 'c', 'd', 'e', 'f']
  await Promise.all(keys.map(write))
  for (const key of keys) {
    const numbers = kept.filter((entry) => entry.key === key).map((entry) => Number(textOf(entry)))
    assert.deepEqual(
      numbers,
      numbers.toSorted((one, two) => one - two),
    )
  }
  assert.equal(disk.held.length, 0)
})

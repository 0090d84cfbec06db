import assert from 'node:assert/strict'
import { afterAll, afterEach, beforeAll, beforeEach, describe, test } from 'vitest'
import { openSender } from './open-sender.fixture.ts'
import type { SenderUnderTest } from './open-sender.fixture.ts'
import { readTopic } from './read-topic.fixture.ts'
import { startKafka } from './start-kafka.fixture.ts'
import type { KafkaBroker } from './start-kafka.fixture.ts'

const topic = 'outreach.account'
const WRITERS = 6

describe('the sender while its broker dies and comes back', () => {
  let broker: KafkaBroker
  let sender: SenderUnderTest
  let prefix: string
  let tests = 0

  beforeAll(async () => {
    broker = await startKafka()
  })
  afterAll(() => broker[Symbol.asyncDispose]())
  beforeEach(async () => {
    prefix = `t${++tests}.`
    sender = await openSender({ address: broker.address, prefix, topics: [topic] })
  })
  afterEach(() => sender[Symbol.asyncDispose]())

  /** Each key has a writer of its own: what is rejected is appended again before anything newer. */
  const writeWhile = async (happens: () => Promise<void>) => {
    let isOver = false
    const acknowledged: string[] = []
    const rejected: unknown[] = []
    const write = async (key: string) => {
      for (let n = 0; !isOver || rejected.length > 0;) {
        const value = Buffer.from(`${key}/${n}`)
        try {
          await sender.append([{ topic, key, value }])
          acknowledged.push(`${key}/${n}`)
          n++
          if (isOver) return
        } catch (error) {
          rejected.push(error)
        }
      }
    }
    const writing = Promise.all(Array.from({ length: WRITERS }, (_, n) => write(`key-${n}`)))
    const reached = async (count: number) => {
      while (acknowledged.length < count) await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await reached(200)
    sender.failures.length = 0
    await happens()
    await reached(acknowledged.length + 200)
    isOver = true
    await writing
    return { acknowledged, rejected }
  }

  const check = async (acknowledged: readonly string[]) => {
    const found = await readTopic(broker.address, prefix + topic)
    const texts = new Set(found.map(({ text }) => text))
    assert.deepEqual(
      acknowledged.filter((text) => !texts.has(text)),
      [],
      'nothing acknowledged is missing',
    )
    for (let n = 0; n < WRITERS; n++) {
      const ofKey = found.filter(({ key }) => key === `key-${n}`).map(({ text }) => text)
      const firsts = [...new Set(ofKey)]
      assert.deepEqual(
        firsts,
        firsts.map((_, index) => `key-${n}/${index}`),
        'in their order, each at most doubled',
      )
    }
  }

  test('killed with -9 under steady appends, and started again', async () => {
    const { acknowledged } = await writeWhile(async () => {
      await broker.kill()
      await broker.start()
    })
    assert(sender.failures.length > 0, 'it was away')
    await check(acknowledged)
  })

  test('stopped under steady appends, and started again', async () => {
    const { acknowledged } = await writeWhile(async () => {
      await broker.stop()
      await broker.start()
    })
    await check(acknowledged)
  })

  test('hanging for longer than an answer may take', async () => {
    const { acknowledged } = await writeWhile(async () => {
      broker.freeze()
      while (!sender.failures.some((why) => why.includes('timed out'))) {
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      broker.thaw()
    })
    await check(acknowledged)
  })
})

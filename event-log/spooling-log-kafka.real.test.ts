import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { eventLogContract } from './event-log.contract.ts'
import type { Entry } from './event-log.ts'
import { isTooLarge } from './kafka/is-too-large.ts'
import { readTopic } from './kafka/read-topic.fixture.ts'
import { startKafka } from './kafka/start-kafka.fixture.ts'
import type { KafkaBroker } from './kafka/start-kafka.fixture.ts'
import { openKafkaLog } from './kafka-log.ts'
import { openDiskSpool } from './spool/open-disk-spool.ts'
import { quietSignals } from './spool/signals.fixture.ts'
import { makeSpoolingLog } from './spooling-log.ts'

const quietKafka = {
  brokerSaid: () => undefined,
  sendFailed: () => undefined,
  topicsCreated: () => undefined,
  topicDiffers: () => undefined,
  topicsAway: () => undefined,
}
const NAMES = ['outreach.account', 'outreach.prospect']
const KEYS = Array.from({ length: 6 }, (_, n) => `outreach:account:${n}`)

describe('the spooling log in front of a real Kafka', () => {
  let broker: KafkaBroker
  let logs = 0
  const newPrefix = () => `name-${++logs}.`

  beforeAll(async () => {
    broker = await startKafka()
  })
  afterAll(() => broker[Symbol.asyncDispose]())

  const openLog = async (
    { dir, prefix, deadlineMs = 500 }: { dir: string; prefix: string; deadlineMs?: number },
    tell: (what: string) => void,
  ) =>
    makeSpoolingLog({
      log: await openKafkaLog({
        connection: { clientId: 'spooling', brokers: [broker.address], prefix },
        topics: { names: NAMES, partitions: 3, retentionMs: 86_400_000, keepForever: [] },
        signals: quietKafka,
      }),
      spool: await openDiskSpool({ dir, signals: quietSignals }),
      deadlineMs,
      isHopeless: isTooLarge,
      signals: {
        ...quietSignals,
        spoolEntered: ({ why }) => tell(`entered ${why}`),
        spoolLeft: () => tell('left'),
        spoolSetAside: () => tell('set aside'),
      },
    })

  /** Appends one event of each key, again and again; remembers what was answered. */
  const aHouse = async () => {
    const dir = mkdtempSync(join(tmpdir(), 'spool-'))
    const prefix = newPrefix()
    const told: string[] = []
    const answered: string[] = []
    let wake = () => {}
    let count = 0
    const log = await openLog({ dir, prefix }, (what) => {
      told.push(what)
      wake()
    })
    const round = async () => {
      const n = ++count
      const answers = KEYS.map(async (key) => {
        const entry: Entry = { topic: 'outreach.account', key, value: Buffer.from(`${key} ${n}`) }
        const positions = await log.append([entry])
        answered.push(`${key} ${n}`)
        return positions.length
      })
      return (await Promise.all(answers)).reduce((sum, each) => sum + each, 0)
    }
    return {
      log,
      told,
      /** Until all of a round went straight to Kafka. */
      roundsUntilDirect: async () => {
        while ((await round()) < KEYS.length);
      },
      rounds: async (times: number) => {
        for (let left = times; left > 0; left--) await round()
      },
      roundsUntil: async (condition: () => boolean) => {
        while (!condition()) await round()
      },
      until: async (condition: () => boolean) => {
        while (!condition()) await new Promise<void>((resolve) => (wake = resolve))
      },
      assertAllArrived: async () => {
        const found = await readTopic(broker.address, `${prefix}outreach.account`)
        const arrived = new Set(found.map(({ text }) => text))
        for (const text of answered) assert(arrived.has(text), `${text} was answered and is lost`)
        for (const key of KEYS) {
          const numbers = found.filter((one) => one.key === key).map(({ text }) => numberOf(text))
          const firsts = [...new Set(numbers)]
          assert.deepEqual(
            firsts,
            Array.from({ length: count }, (_, index) => index + 1),
            `${key} is out of order`,
          )
        }
      },
      close: async () => {
        await log[Symbol.asyncDispose]()
        rmSync(dir, { recursive: true })
      },
    }
  }

  const faults = {
    'stopped and started': [() => broker.stop(), () => broker.start()],
    'killed and started': [() => broker.kill(), () => broker.start()],
    'frozen and thawed': [later(() => broker.freeze()), later(() => broker.thaw())],
  } as const
  for (const [name, [breakIt, mendIt]] of Object.entries(faults)) {
    test(`a broker that is ${name} while events come: each is answered and arrives, in order`, async () => {
      const house = await aHouse()
      await house.roundsUntilDirect()
      house.told.length = 0
      await Promise.all([breakIt(), house.roundsUntil(() => house.told.length > 0)])
      await house.rounds(30)
      assert.match(house.told.join(), /^entered (late|rejected)$/)
      assert.deepEqual(await house.log.health(), { ok: true })
      assert((await house.log.status()).events > 0)
      await Promise.all([mendIt(), house.roundsUntil(() => house.told.includes('left'))])
      await house.roundsUntilDirect()
      await house.assertAllArrived()
      await house.close()
    })
  }

  test('what was answered while Kafka was away arrives after the process was started again', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'spool-'))
    const prefix = newPrefix()
    await broker.kill()
    const first = await openLog({ dir, prefix }, () => {})
    const entry = { topic: 'outreach.account', key: 'k', value: Buffer.from('early') }
    assert.deepEqual(await first.append([entry]), [])
    await Promise.all([first[Symbol.asyncDispose](), broker.start()])
    let tell: (what: string) => void = () => undefined
    const left = new Promise<void>((resolve) => {
      tell = (what) => {
        if (what === 'left') resolve()
      }
    })
    const second = await openLog({ dir, prefix }, (what) => {
      tell(what)
    })
    await second.append([{ ...entry, value: Buffer.from('late') }])
    await left
    const found = await readTopic(broker.address, `${prefix}outreach.account`)
    assert.deepEqual([...new Set(found.map(({ text }) => text))], ['early', 'late'])
    await second[Symbol.asyncDispose]()
    rmSync(dir, { recursive: true })
  })

  test('an event that is too large for Kafka is answered and set aside; the others arrive', async () => {
    const house = await aHouse()
    await house.roundsUntilDirect()
    // More than the topics that we make take, however well it is packed.
    const value = randomBytes(9 * 1024 * 1024)
    const large = { topic: 'outreach.account', key: KEYS[0] ?? '', value }
    const answer = house.log.append([large])
    await Promise.all([answer, house.rounds(10)])
    await house.until(() => house.told.includes('set aside') && house.told.at(-1) === 'left')
    assert.equal((await house.log.status()).setAside, 1)
    await house.assertAllArrived()
    await house.close()
  })

  eventLogContract({
    name: 'the spooling log on Kafka',
    open: async () => {
      const dir = mkdtempSync(join(tmpdir(), 'spool-'))
      const prefix = newPrefix()
      const open = () => openLog({ dir, prefix, deadlineMs: 30_000 }, () => {})
      const unused = [...NAMES]
      const log = await open()
      // The first append waits for the topics, and would be answered from the spool.
      await log.partitionsOf('outreach.account')
      let latest = log
      return {
        log,
        reopen: async () => {
          await latest[Symbol.asyncDispose]()
          latest = await open()
          await latest.partitionsOf('outreach.account')
          return latest
        },
        makeTopic: () => Promise.resolve(unused.shift() ?? ''),
        close: async () => {
          await latest[Symbol.asyncDispose]()
          rmSync(dir, { recursive: true })
        },
      }
    },
  })
})

/** As something to wait for, like the other faults. */
const later = (work: () => void) => () => Promise.resolve().then(work)
const numberOf = (text: string) => Number(text.split(' ')[1])

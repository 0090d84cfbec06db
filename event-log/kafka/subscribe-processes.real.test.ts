import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, test } from 'vitest'
import type { Entry } from '../event-log.ts'
import { openConsumerLog } from './consumer-log.fixture.ts'
import type { ConsumerLog } from './consumer-log.fixture.ts'
import { makeOrderWatch } from './order-watch.fixture.ts'
import type { Said } from './order-watch.fixture.ts'
import { startKafka } from './start-kafka.fixture.ts'
import type { KafkaBroker } from './start-kafka.fixture.ts'
import { until } from './until.fixture.ts'

const topic = 't'

/** More than the broker is given, so that its own sentence is read, and nothing is left running. */
const STARTS_WITHIN_MS = 150_000

describe('members of a group in processes of their own', () => {
  let broker: KafkaBroker
  let dir: string

  const fill = async (log: ConsumerLog, count: number, value: (n: number) => Uint8Array) => {
    for (let from = 0; from < count; from += 500) {
      await log.append(
        Array.from({ length: Math.min(500, count - from) }, (_, n): Entry => {
          return { topic, key: `key-${(from + n) % 60}`, value: value(from + n) }
        }),
      )
    }
  }
  const endOf = async (child: ChildProcess) => {
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  beforeAll(async () => {
    broker = await startKafka()
    dir = mkdtempSync(join(tmpdir(), 'members-'))
  }, STARTS_WITHIN_MS)
  afterAll(async () => {
    rmSync(dir, { recursive: true })
    await broker[Symbol.asyncDispose]()
  })

  test('kill -9 in the middle of a batch loses nothing, breaks no order, commits nothing undone', async () => {
    const [prefix, file] = ['killed.', join(dir, 'said')]
    await using log = openConsumerLog({ address: broker.address, prefix })
    await log.create(topic, 3)
    const total = 3_000
    await fill(log, total, (n) => Buffer.from(String(n)))
    const program = new URL('./consume-until-killed.fixture.ts', import.meta.url)
    const start = (name: string) =>
      fork(program, [broker.address, prefix, topic, file, name], { execArgv: [] })
    const committed = () => log.calls.committed(`${prefix}gateway-killed`)

    const members = [start('a'), start('b')]
    for (const name of ['c', 'd']) {
      const [oldest] = members
      assert(oldest !== undefined)
      await once(oldest, 'message')
      await endOf(oldest)
      members.splice(0, 1)
      // The commits of the dead are in: what is committed now was done before.
      const commits = await committed()
      checkAll(readSaid(file), commits)
      members.push(start(name))
    }
    await until(
      async () => (await committed()).reduce((sum, { offset }) => sum + offset, 0) === total,
    )
    await Promise.all(members.map(endOf))
    const watch = checkAll(readSaid(file), await committed())
    assert.equal(watch.doneCount(), total)
  })

  test('a process under 50,000 waiting entries of 3 kB stays small, held up and at full speed', async () => {
    const prefix = 'waiting.'
    await using log = openConsumerLog({ address: broker.address, prefix })
    await log.create(topic, 6)
    const value = Buffer.alloc(3_000, 'x')
    await fill(log, 50_000, () => value)
    const program = new URL('./hold-waiting.fixture.ts', import.meta.url)
    const child = fork(program, [broker.address, prefix, topic, '50000'], { execArgv: [] })
    const [held] = (await once(child, 'message')) as [{ inHand: number; mostMb: number }]
    const [through] = (await once(child, 'message')) as [{ inHand: number; mostMb: number }]
    await once(child, 'exit')
    assert.equal(held.inHand, 2_000)
    assert(held.mostMb < 300, `${held.mostMb} MB held up`)
    assert(through.mostMb < 300, `${through.mostMb} MB when all was handled`)
    const [lag] = await log.lags()
    assert.equal(lag?.events, 0)
  })
})

function readSaid(file: string): readonly Said[] {
  // A line that a killed process could not finish says nothing.
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as Said)
}

function checkAll(
  said: readonly Said[],
  committed: readonly { readonly partition: number; readonly offset: number }[],
) {
  const watch = makeOrderWatch()
  for (const one of said) watch.note(one)
  for (const { partition, offset } of committed) {
    watch.note({ kind: 'committed', partition, offset })
  }
  assert.deepEqual(watch.wrong(), [])
  return watch
}

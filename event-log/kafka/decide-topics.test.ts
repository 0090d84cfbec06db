import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { decideTopics } from './decide-topics.ts'
import type { FoundTopics, WantedTopics } from './decide-topics.ts'

const wanted: WantedTopics = {
  names: ['p.a', 'p.b'],
  partitions: 12,
  retentionMs: 86_400_000,
  keepForever: ['p.b'],
}
const decide = (more: Partial<WantedTopics>, brokers: number, topics: FoundTopics['topics']) =>
  decideTopics({ ...wanted, ...more }, { brokers, topics })
const nothing: FoundTopics['topics'] = new Map()
const settingsOf = (one: ReturnType<typeof decide>['create'][number] | undefined) =>
  Object.fromEntries((one?.configEntries ?? []).map(({ name, value }) => [name, value]))

describe('which topics are created', () => {
  // prettier-ignore
  const rows: readonly { says: string; asked?: number; brokers: number; replicas: number; minInSync: string }[] = [
    { says: 'one broker: one replica',                      brokers: 1, replicas: 1, minInSync: '1' },
    { says: 'two brokers: both',                            brokers: 2, replicas: 2, minInSync: '1' },
    { says: 'three brokers: three, two of them in sync',    brokers: 3, replicas: 3, minInSync: '2' },
    { says: 'many brokers: three',                          brokers: 9, replicas: 3, minInSync: '2' },
    { says: 'as asked',                          asked: 2,  brokers: 9, replicas: 2, minInSync: '1' },
    { says: 'more than three, as asked',         asked: 5,  brokers: 9, replicas: 5, minInSync: '2' },
    { says: 'never more than there are brokers', asked: 3,  brokers: 1, replicas: 1, minInSync: '1' },
  ]
  test.each(rows)('$says', ({ asked, brokers, replicas, minInSync }) => {
    const { create } = decide({ replication: asked }, brokers, nothing)
    assert.deepEqual(
      create.map(({ topic, numPartitions }) => [topic, numPartitions]),
      [
        ['p.a', 12],
        ['p.b', 12],
      ],
    )
    for (const one of create) {
      assert.equal(one.replicationFactor, replicas)
      assert.equal(settingsOf(one)['min.insync.replicas'], minInSync)
    }
  })

  test('what is kept for ever has no limit of time or bytes; the largest event fits', () => {
    const [mortal, kept] = decide({}, 3, nothing).create.map(settingsOf)
    assert.equal(mortal?.['retention.ms'], '86400000')
    assert.equal(mortal['retention.bytes'], undefined)
    assert.deepEqual([kept?.['retention.ms'], kept?.['retention.bytes']], ['-1', '-1'])
    assert(Number(mortal['max.message.bytes']) > 6 * 1024 * 1024)
  })

  test('those that exist are left as they are; less than was asked for is told, more is not', () => {
    const found = new Map([
      ['p.a', { partitions: 6, replicas: 1 }],
      ['p.b', { partitions: 24, replicas: 3 }],
      ['other', { partitions: 1, replicas: 1 }],
    ])
    assert.deepEqual(decide({}, 3, found), {
      create: [],
      differs: [
        { topic: 'p.a', what: 'partitions', has: 6, asked: 12 },
        { topic: 'p.a', what: 'replicas', has: 1, asked: 3 },
      ],
    })
  })
})

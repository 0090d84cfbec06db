import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Partitioners } from 'kafkajs'
import { describe, test } from 'vitest'
import { partitionOfKey } from './partition-of-key.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)

describe('the partition of a key', () => {
  test('is the one of Java, as its own tests have the hashes', () => {
    // From Kafka's UtilsTest.testMurmur2.
    const hashes = { 21: -973932308, foobar: -790332482, 'a-little-bit-long-string': -985981536 }
    for (const [key, hash] of Object.entries(hashes)) {
      assert.equal(partitionOfKey(bytesOf(key), 2 ** 31), hash & 0x7fffffff, key)
    }
  })

  test('is the one that kafkajs would choose', () => {
    const partitioner = Partitioners.DefaultPartitioner()
    const key = fc.oneof(fc.string(), fc.string({ unit: 'binary' }))
    fc.assert(
      fc.property(key, fc.integer({ min: 1, max: 30 }), (text, count) => {
        const partitionMetadata = Array.from({ length: count }, (_, partitionId) => ({
          partitionErrorCode: 0,
          partitionId,
          leader: 1,
          replicas: [1],
          isr: [1],
        }))
        const message = { key: Buffer.from(text), value: null }
        const theirs = partitioner({ topic: 't', partitionMetadata, message })
        assert.equal(partitionOfKey(bytesOf(text), count), theirs)
      }),
      { numRuns: 60 },
    )
  })
})

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { CompressionTypes } from 'kafkajs'
import { describe, test } from 'vitest'
import type { Entry } from '../event-log.ts'
import { isTooMuchForOne, openChunk, placeEntry, toChunks } from './make-chunk.ts'
import type { Chunk } from './make-chunk.ts'

const KIB = 1024
const toEntry = (bytes: number, key = 'k', topic = 't'): Entry => ({
  topic,
  key,
  value: Buffer.alloc(bytes, 'x'),
})
const place = (entry: Entry) => placeEntry(entry, 3)
const messagesOf = (chunk: Chunk) =>
  chunk.topicMessages.flatMap(({ topic, messages }) =>
    messages.map(({ value, partition }) => ({ topic, partition, value })),
  )
/** As a broker would answer that holds nothing yet. */
const answerTo = (chunk: Chunk, base = '10') => {
  const places = new Set(messagesOf(chunk).map((one) => `${one.topic} ${one.partition}`))
  return [...places].map((at) => {
    const [topicName = '', partition] = at.split(' ')
    return { topicName, partition: Number(partition), errorCode: 0, baseOffset: base }
  })
}

describe('a chunk', () => {
  test('tells where each entry lies: base offset and index within its partition', () => {
    const keys = ['a', 'b', 'c', 'd', 'a', 'b', 'c', 'd']
    const placed = keys.map((key) => place(toEntry(10, key)))
    const [chunk, ...more] = toChunks(placed, 'name-1.')
    assert(chunk !== undefined)
    assert.deepEqual(more, [])
    const positions = chunk.toPositions(answerTo(chunk))
    const expected = new Map<number, bigint>()
    for (const [index, { partition }] of placed.entries()) {
      const offset = expected.get(partition) ?? 10n
      expected.set(partition, offset + 1n)
      assert.deepEqual(positions[index], { topic: 't', partition, offset })
    }
    assert(expected.size > 1, 'several partitions')
    assert.deepEqual(
      chunk.topicMessages.map(({ topic }) => topic),
      ['name-1.t'],
    )
  })

  test('does not take silence about a partition for an acknowledgement', () => {
    const [chunk] = toChunks([place(toEntry(10))], '')
    assert.throws(() => chunk?.toPositions([]), /did not answer for t\/\d/)
  })

  test('does not copy values, whatever kind of bytes they are', () => {
    const memory = new Uint8Array(100).fill(7)
    const { message } = place({ topic: 't', key: 'k', value: memory.subarray(10, 20) })
    assert(Buffer.isBuffer(message.value))
    assert.deepEqual(message.value, Buffer.alloc(10, 7))
    assert.equal(message.value.buffer, memory.buffer)
  })

  test('takes an append whole or not at all', () => {
    const chunk = openChunk('')
    assert(chunk.take([place(toEntry(500 * KIB))]))
    assert(!chunk.take([place(toEntry(10)), place(toEntry(500 * KIB))]))
    assert(chunk.take([place(toEntry(10))]))
    assert.equal(messagesOf(chunk.close()).length, 2)
  })

  test('of an entry that is too large for a batch bears it alone and compressed', () => {
    const sizes = [10, 3_000 * KIB, 10]
    const chunks = toChunks(
      sizes.map((bytes) => place(toEntry(bytes))),
      '',
    )
    assert.deepEqual(
      chunks.map((chunk) => [messagesOf(chunk).length, chunk.compression]),
      [
        [1, CompressionTypes.None],
        [1, CompressionTypes.GZIP],
        [1, CompressionTypes.None],
      ],
    )
    assert(isTooMuchForOne([place(toEntry(3_000 * KIB))]))
  })

  test('keeps every entry, in its order, in batches that a topic takes as Kafka comes', () => {
    const entry = fc.record({
      bytes: fc.integer({ min: 1, max: 400 * KIB }),
      key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      topic: fc.constantFrom('t', 'u'),
    })
    const check = fc.property(fc.array(entry, { minLength: 1, maxLength: 40 }), (entries) => {
      const placed = entries.map(({ bytes, key, topic }) => place(toEntry(bytes, key, topic)))
      const chunks = toChunks(placed, '')
      for (const topic of ['t', 'u']) {
        for (const partition of [0, 1, 2]) {
          const batches = chunks.map((chunk) =>
            messagesOf(chunk).filter((one) => one.topic === topic && one.partition === partition),
          )
          const sent = batches.flat().map(({ value }) => value)
          const given = placed.filter((one) => one.topic === topic && one.partition === partition)
          assert(sent.every((value, index) => value === given[index]?.message.value))
          assert.equal(sent.length, given.length)
          for (const batch of batches) {
            const bytes = batch.reduce((sum, { value }) => sum + (value?.length ?? 0) + 50, 0)
            assert(bytes < 1_048_588, `${bytes} bytes in one batch`)
          }
        }
      }
    })
    fc.assert(check, { numRuns: 50 })
  })
})

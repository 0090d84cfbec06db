import { randomUUID } from 'node:crypto'
import { Kafka, logLevel } from 'kafkajs'

export type Found = {
  readonly partition: number
  readonly offset: bigint
  readonly key: string
  readonly text: string
}

/** All that is in a topic (named with its prefix), by a plain consumer that shares no code with ours. */
export async function readTopic(address: string, topic: string): Promise<readonly Found[]> {
  const kafka = new Kafka({
    brokers: [address],
    logLevel: logLevel.NOTHING,
    retry: { retries: 10 },
  })
  const admin = kafka.admin()
  await admin.connect()
  const ends = await admin.fetchTopicOffsets(topic)
  await admin.disconnect()
  const found: Found[] = []
  const missing = new Map(
    ends.filter(({ high }) => high !== '0').map((end) => [end.partition, BigInt(end.high)]),
  )
  if (missing.size === 0) return found
  const groupId = `oracle-${randomUUID()}`
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 50, readUncommitted: true })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await new Promise<void>((resolve, reject) => {
    const eachMessage: Parameters<typeof consumer.run>[0] = {
      eachMessage: ({ partition, message }) => {
        const offset = BigInt(message.offset)
        const key = String(message.key)
        found.push({ partition, offset, key, text: String(message.value) })
        if (offset + 1n >= (missing.get(partition) ?? 0n)) missing.delete(partition)
        if (missing.size === 0) resolve()
        return Promise.resolve()
      },
    }
    consumer.run(eachMessage).catch(reject)
  })
  await consumer.disconnect()
  return found
}

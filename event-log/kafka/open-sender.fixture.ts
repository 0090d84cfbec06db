import { openLine } from './open-line.ts'
import { openProducer } from './open-producer.ts'
import { openTopics } from './open-topics.ts'
import type { KafkaConnection } from './make-kafka.ts'
import { makeSender } from './make-sender.ts'
import type { Sender, SendLimits } from './make-sender.ts'

export type SenderUnderTest = AsyncDisposable & Sender & { readonly failures: string[] }

type Options = {
  readonly address: string
  readonly prefix: string
  readonly topics: readonly string[]
  readonly limits?: SendLimits
}

/** A sender with topics of its own, three partitions each; resolves once they are there. */
export async function openSender(options: Options): Promise<SenderUnderTest> {
  const { address, prefix, limits } = options
  const connection: KafkaConnection = { clientId: 'sender', brokers: [address], prefix }
  const failures: string[] = []
  const quiet = { brokerSaid: () => undefined }
  const topics = openTopics({
    openLine: () => openLine(connection, quiet),
    wanted: {
      names: options.topics.map((name) => prefix + name),
      partitions: 3,
      retentionMs: 3_600_000,
      keepForever: [],
    },
    prefix,
    signals: {
      topicsCreated: () => undefined,
      topicDiffers: () => undefined,
      topicsAway: () => undefined,
    },
  })
  await topics.known()
  const sender = makeSender({
    openProducer: () => openProducer(connection, quiet),
    topics,
    prefix,
    signals: { sendFailed: ({ why }) => failures.push(why) },
    ...(limits !== undefined && { limits }),
  })
  return {
    ...sender,
    failures,
    [Symbol.asyncDispose]: async () => {
      await sender.close()
      await topics.close()
    },
  }
}

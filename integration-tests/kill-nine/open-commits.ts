import { setTimeout as sleep } from 'node:timers/promises'
import type { EventLog, Position } from '../../event-log/event-log.ts'
import { makeBrokerCalls } from '../../event-log/kafka/broker-calls.ts'
import { openLine } from '../../event-log/kafka/open-line.ts'
import type { Settings } from '../../runtime/settings.ts'
import { toKafkaConnection } from '../../start/to-kafka-connection.ts'

/** Resolves with true once the group's mark is kept beyond the position; false where nobody can say so. */
export type UntilCommitted = (at: Position, owned: AbortSignal) => Promise<boolean>

export type Commits = AsyncDisposable & {
  readonly watch: (log: Pick<EventLog, 'lags'>, group: string) => UntilCommitted
}

/** Tells when a mark that was moved is kept, asking the broker itself where there is one. */
export function openCommits(settings: Settings): Commits {
  if (settings.kafkaBrokers.length === 0) {
    return {
      // `lags` answers only after that.
      watch: (log) => () => log.lags().then(() => true),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }
  }
  const connection = toKafkaConnection(settings)
  const { prefix } = connection
  const calls = makeBrokerCalls(() => openLine(connection, { brokerSaid: () => undefined }))
  let isAsking = false
  const ask = async (group: string, { topic, partition, offset }: Position, owned: AbortSignal) => {
    while (!owned.aborted) {
      const [kept] = await calls.committed(prefix + group, [{ topic: prefix + topic, partition }])
      if (kept !== undefined && kept.offset > offset) return true
      await sleep(20)
    }
    return false
  }
  return {
    // One at a time: thousands would keep the broker busy with nothing else.
    watch: (_log, group) => async (at, owned) => {
      if (isAsking) return false
      isAsking = true
      try {
        return await ask(group, at, owned)
      } finally {
        isAsking = false
      }
    },
    [Symbol.asyncDispose]: () => calls.close(),
  }
}

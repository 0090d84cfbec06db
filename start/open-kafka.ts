import { openKafkaLog, type KafkaLogOptions } from '../event-log/kafka-log.ts'
import { isTooLarge } from '../event-log/kafka/is-too-large.ts'
import { makeKeepInProcess } from '../event-log/make-keep-in-process.ts'
import { makeNoSpool } from '../event-log/spool/no-spool.ts'
import { openDiskSpool } from '../event-log/spool/open-disk-spool.ts'
import { openTableSpool } from '../event-log/spool/open-table-spool.ts'
import type { Spool } from '../event-log/spool/spool.ts'
import { makeSpoolingLog } from '../event-log/spooling-log.ts'
import { makePrepare } from '../gateway/prepare-deliveries.ts'
import type { StateStore } from '../state/state-store.ts'
import { dataDirOf, type OpenedLog, type Opening } from './parts.ts'
import { toKafkaConnection } from './to-kafka-connection.ts'

type Beside = {
  readonly store: StateStore
  readonly topics: Pick<KafkaLogOptions['topics'], 'names' | 'retentionMs' | 'keepForever'>
  readonly died: (error: unknown) => void
}

/**
 * The log on Kafka. Where this process takes deliveries a spool stands behind it for the time in which
 * Kafka is away; whoever else appends has the state to remember what is not in the log yet.
 */
export async function openKafka(opening: Opening, beside: Beside): Promise<OpenedLog> {
  const { settings, signals, metrics, roles } = opening
  const { topics, died } = beside
  const kafka = await openKafkaLog({
    connection: toKafkaConnection(settings),
    topics: {
      ...topics,
      partitions: settings.kafkaTopicPartitions,
      ...(settings.kafkaTopicReplication !== undefined && {
        replication: settings.kafkaTopicReplication,
      }),
    },
    signals,
    died,
  })
  if (!roles.includes('gateway')) return { log: { ...kafka, keep: notHere }, spool: undefined }
  const spool = await openSpool(opening, beside).catch(async (error: unknown) => {
    await kafka[Symbol.asyncDispose]()
    throw error
  })
  const spooling = makeSpoolingLog({ log: kafka, spool, isHopeless: isTooLarge, signals })
  metrics.watchSpool(() => spooling.status())
  const log: OpenedLog['log'] = {
    ...kafka,
    keep: makeKeepInProcess(spooling, makePrepare()),
    health: spooling.health,
    [Symbol.asyncDispose]: () => spooling[Symbol.asyncDispose](),
  }
  return { log, spool: spooling }
}

/** On the disk where it lasts, else in the state that all processes share (product 3). */
function openSpool({ settings, signals }: Opening, { store, died }: Beside): Promise<Spool> {
  if (settings.diskLasts) return openDiskSpool({ dir: dataDirOf(settings), signals, died })
  return settings.databaseUrl === undefined
    ? Promise.resolve(makeNoSpool())
    : openTableSpool({ store, signals })
}

const notHere: OpenedLog['log']['keep'] = () =>
  Promise.reject(new Error('This process takes no deliveries: it is no gateway.'))

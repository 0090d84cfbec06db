import type { Tuning } from '../../../event-log/kafka/plain-kafkajs.fixture.ts'
import type { Run } from '../deliveries/render-deliveries.ts'
import { renderTable } from '../render-table.ts'
import { median } from '../statistics.ts'
import type { PlainSent } from './plain-sender.ts'

type Measured = {
  readonly runs: readonly { readonly name: string; readonly runs: readonly Run[] }[]
  readonly plain: readonly PlainSent[]
  readonly tuning: Tuning
  readonly rounds: number
  readonly count: number
  readonly connections: number
}

export function renderKafka(measured: Measured): string {
  const { runs, plain, tuning, rounds, count, connections } = measured
  const plainPerSecond = plain.map(({ seconds }) => count / seconds)
  const rows = runs.map(({ name, runs: those }) => {
    const middle = (member: keyof Run) => median(those.map((run) => run[member]))
    // Round by round, for a busy neighbour slows a whole round.
    const ratios = those.map(({ perSecond }, at) => perSecond / (plainPerSecond[at] ?? NaN))
    return [
      name,
      middle('perSecond').toFixed(0),
      median(ratios).toFixed(2),
      middle('p50Ms').toFixed(1),
      middle('p99Ms').toFixed(1),
      middle('cpuMicros').toFixed(1),
      middle('generatorMicros').toFixed(1),
      middle('othersCpus').toFixed(2),
      middle('megabytes').toFixed(0),
    ]
  })
  const { perBatch, inFlight } = tuning
  const plainRow = [
    `kafkajs alone, ${perBatch} a batch, ${inFlight} in flight`,
    median(plainPerSecond).toFixed(0),
    '1.00',
    '',
    '',
    median(plain.map(({ cpuMicros }) => cpuMicros)).toFixed(1),
  ]
  const heads = ['', 'acked/s', 'ratio', 'p50 ms', 'p99 ms', 'CPU us', "generator's us", 'others']
  return [
    `(d) Deliveries acknowledged over ${connections} connections, and the same events sent by kafkajs alone.`,
    `    Medians of ${rounds} interleaved rounds of ${count}; acks of all in-sync replicas. "ratio": to kafkajs`,
    '    alone, with the best size and number of batches that a search found; "others": CPUs that the',
    '    broker, PostgreSQL and neighbours took.',
    '',
    renderTable([...heads, 'MB'], [...rows, plainRow]),
  ].join('\n')
}

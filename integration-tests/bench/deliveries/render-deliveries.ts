import { renderTable } from '../render-table.ts'
import { median } from '../statistics.ts'
import { bodyBytes } from './make-requests.ts'
import { bareHttp, type Variant } from './open-receivers.ts'

/** One receiver in one round; CPU in microseconds for each delivery. */
export type Run = {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** All threads of the receiver, and its main one. */
  readonly cpuMicros: number
  readonly mainMicros: number
  readonly generatorMicros: number
  /** CPUs that were busy with something else. */
  readonly othersCpus: number
  readonly megabytes: number
}

export type Runs = ReadonlyMap<Variant, readonly Run[]>

type Settings = {
  readonly rounds: number
  readonly count: number
  readonly connections: number
}

export function renderDeliveries(runs: Runs, { rounds, count, connections }: Settings): string {
  const rows = [...runs].map(([variant, those]) => {
    const middle = (member: keyof Run) => median(those.map((run) => run[member]))
    return [
      variant.name,
      middle('perSecond').toFixed(0),
      ratio(runs, variant, 'perSecond'),
      middle('p50Ms').toFixed(1),
      middle('p99Ms').toFixed(1),
      middle('cpuMicros').toFixed(1),
      middle('mainMicros').toFixed(1),
      ratio(runs, variant, 'cpuMicros'),
      middle('generatorMicros').toFixed(1),
      middle('othersCpus').toFixed(2),
      middle('megabytes').toFixed(0),
    ]
  })
  const heads = ['', 'acked/s', 'ratio', 'p50 ms', 'p99 ms', 'CPU us', 'main us', 'CPU ratio']
  return [
    `(a) Signed Outreach deliveries of ${bodyBytes} bytes, all different, over ${connections} connections.`,
    `    Medians of ${rounds} interleaved rounds of ${count}. "CPU": the receiver's, all its threads, per`,
    '    delivery; "ratio": to bare node:http in the same round; "others": CPUs that neighbours took.',
    '',
    renderTable([...heads, "generator's us", 'others', 'MB'], rows),
  ].join('\n')
}

/** Round by round, for a busy neighbour slows a whole round. */
function ratio(runs: Runs, variant: Variant, member: 'perSecond' | 'cpuMicros'): string {
  const base = runs.get(bareHttp) ?? []
  const those = runs.get(variant) ?? []
  return median(those.map((run, at) => run[member] / (base[at]?.[member] ?? NaN))).toFixed(2)
}

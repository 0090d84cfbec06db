import { readFile } from 'node:fs/promises'
import { points, type PointName } from './points.ts'

type Passes = { readonly passed: number; readonly killed: number }

/** By place, such as `before: call Outreach: create`. */
export type Table = ReadonlyMap<string, Passes>

/** How often each point was passed, and who passed it was killed there; from the lines of `product.ts`. */
export async function readTable(file: string): Promise<Table> {
  const table = new Map<string, Passes>()
  for (const line of (await readFile(file, 'utf8')).split('\n')) {
    const [at = ''] = line.split(' KILLED')
    const passes = table.get(at) ?? { passed: 0, killed: 0 }
    table.set(at, {
      passed: passes.passed + 1,
      killed: passes.killed + (line.endsWith(' KILLED') ? 1 : 0),
    })
  }
  return table
}

/** A line for each of these points. */
export function renderTable(
  title: string,
  table: Table,
  names: readonly string[] = pointNames,
): string {
  const cell = (at: string) => {
    const { passed, killed } = table.get(at) ?? { passed: 0, killed: 0 }
    return `${String(passed).padStart(7)} ${String(killed).padStart(7)}`
  }
  const rows = names.map(
    (name) => `${name.padEnd(52)} ${cell(`before: ${name}`)}  ${cell(`after: ${name}`)}`,
  )
  const head = `${''.padEnd(52)}  before  killed    after  killed`
  return [title, head, ...rows].join('\n')
}

/** In their order in the table. */
export const pointNames = Object.keys(points) as PointName[] // its own keys

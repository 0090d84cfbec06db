import { resetCalls } from '../../records.ts'
import type { House } from '../../start-house.ts'
import { renderTable } from '../render-table.ts'
import { countCalls, subtractCalls, totalOf, type CallCounts } from './count-calls.ts'

export type Scenario<Pair> = {
  readonly name: string
  readonly count: number
  /** Done by people in one go; answers what must be true when it has reached the other system. */
  readonly edit: (house: House, pairs: readonly Pair[]) => () => boolean
  /** Rulebook 12, of N records. */
  readonly least: (count: number) => CallCounts
}

/** Calls for so many records that are read or written a hundred at a time. */
export const hundreds = (count: number) => Math.ceil(count / 100)

/** As it is shipped: an echo waits five seconds for company. */
export const shipped = { env: { LOG_LEVEL: 'warn' }, overrides: { companyMs: 5_000 } }

/** A row of the table: what it cost alone, and what the echoes of our own writes cost on top. */
export async function measureScenario<Pair>(
  house: House,
  scenario: Scenario<Pair>,
  pairs: readonly Pair[],
): Promise<readonly string[]> {
  const some = pairs.slice(0, scenario.count)
  const alone = await run(house, scenario, { pairs: some, withEchoes: false })
  const all = await run(house, scenario, { pairs: some, withEchoes: true })
  return toRow(scenario, { alone, all })
}

export function renderScenarios(rows: readonly (readonly string[])[]): string {
  const heads = ['', 'N', 'read W', 'read O', 'write W', 'write O', 'calls', 'a record', 'least']
  return renderTable([...heads, 'of least', 'echoes'], rows)
}

type Run<Pair> = { readonly pairs: readonly Pair[]; readonly withEchoes: boolean }

async function run<Pair>(
  house: House,
  { edit }: Scenario<Pair>,
  { pairs, withEchoes }: Run<Pair>,
): Promise<CallCounts> {
  resetCalls(house)
  const isThere = edit(house, pairs)
  // What people did is announced by now; what the product writes from here on is not.
  if (!withEchoes) setDrops(house, 1)
  await house.settled(120_000)
  setDrops(house, 0)
  if (!isThere()) throw new Error('the changes did not reach the other system')
  return countCalls(house)
}

/** 1: nothing is announced. */
export function setDrops(house: House, drops: number): void {
  house.workbooks.hooks.setDisorder({ drops })
  house.outreach.webhooks.change({ drops })
}

type Counted = { readonly alone: CallCounts; readonly all: CallCounts }

function toRow(
  { name, count, least }: Pick<Scenario<unknown>, 'name' | 'count' | 'least'>,
  { alone, all }: Counted,
): string[] {
  const total = totalOf(alone)
  const fewest = totalOf(least(count))
  return [
    name,
    String(count),
    String(alone.readWorkbooks),
    String(alone.readOutreach),
    String(alone.writeWorkbooks),
    String(alone.writeOutreach),
    String(total),
    (total / count).toFixed(3),
    String(fewest),
    `${(total / fewest).toFixed(2)} x`,
    String(totalOf(subtractCalls(all, alone))),
  ]
}

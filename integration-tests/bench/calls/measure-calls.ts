import {
  account,
  createAccount,
  createOrganisation,
  organisation,
  renameAccount,
  renameOrganisation,
  resetCalls,
} from '../../records.ts'
import { startHouse, type House } from '../../start-house.ts'
import { renderTable } from '../render-table.ts'
import { countCalls, subtractCalls, totalOf, type CallCounts } from './count-calls.ts'

type Pair = { readonly w: number; readonly o: number }

type Scenario = {
  readonly name: string
  readonly count: number
  /** Done by people in one go; answers what must be true when it has reached the other system. */
  readonly edit: (house: House, pairs: readonly Pair[]) => () => boolean
  /** Rulebook 12, of N records. */
  readonly least: (count: number) => CallCounts
}

const hundreds = (count: number) => Math.ceil(count / 100)

const changedInWorkbooks: Omit<Scenario, 'count'> = {
  name: 'changed in Workbooks',
  edit: (house, pairs) => {
    const name = newName()
    for (const { w } of pairs) renameOrganisation(house, w, `${name} ${w}`)
    return () => pairs.every(({ w, o }) => account(house, o)['name'] === `${name} ${w}`)
  },
  least: (count) => ({
    readWorkbooks: hundreds(count),
    readOutreach: hundreds(count),
    writeWorkbooks: 0,
    writeOutreach: count,
  }),
}

const changedInOutreach: Omit<Scenario, 'count'> = {
  name: 'changed in Outreach',
  edit: (house, pairs) => {
    const name = newName()
    for (const { o } of pairs) renameAccount(house, o, `${name} ${o}`)
    return () => pairs.every(({ w, o }) => organisation(house, w)['name'] === `${name} ${o}`)
  },
  least: (count) => ({
    readWorkbooks: hundreds(count),
    readOutreach: hundreds(count),
    writeWorkbooks: hundreds(count),
    writeOutreach: 0,
  }),
}

const createdInWorkbooks: Omit<Scenario, 'count'> = {
  name: 'created in Workbooks',
  edit: (house, pairs) => {
    const made = pairs.map((_, at) => createOrganisation(house, { name: `${newName()} ${at}` }))
    return () =>
      made.every((w) => Number(organisation(house, w)['cf_organisation_outreach_id']) > 0)
  },
  // Each is looked for first by our reference, and by name among named and among unnamed accounts: only
  // ids may be asked for in lists (outreach-api 3.4).
  least: (count) => ({
    readWorkbooks: hundreds(count),
    readOutreach: 3 * count,
    writeWorkbooks: hundreds(count),
    writeOutreach: count,
  }),
}

const createdInOutreach: Omit<Scenario, 'count'> = {
  name: 'created in Outreach',
  edit: (house, pairs) => {
    const made = new Set(
      pairs.map((_, at) => String(createAccount(house, { name: `${newName()} ${at}` }))),
    )
    return () => {
      const rows = house.workbooks.person.list('organisations')
      const linked = rows.map((row) => String(row['cf_organisation_outreach_id']))
      return linked.filter((id) => made.has(id)).length === made.size
    }
  },
  // One search of Workbooks answers for many: by reference, by Outreach Id, by name.
  least: (count) => ({
    readWorkbooks: hundreds(count),
    readOutreach: hundreds(count),
    writeWorkbooks: hundreds(count),
    writeOutreach: 0,
  }),
}

let names = 0
const newName = () => `Bench ${++names}`

type Options = {
  readonly changed: number
  readonly created: number
  readonly tell: (line: string) => void
}

/** What one change costs in calls, alone and among many; echoes of our own writes apart. */
export async function measureCalls({ changed, created, tell }: Options): Promise<string> {
  const scenarios: readonly Scenario[] = [
    { ...changedInWorkbooks, count: 1 },
    { ...changedInWorkbooks, count: changed },
    { ...changedInOutreach, count: 1 },
    { ...changedInOutreach, count: changed },
    { ...createdInWorkbooks, count: 1 },
    { ...createdInWorkbooks, count: created },
    { ...createdInOutreach, count: 1 },
    { ...createdInOutreach, count: created },
  ]
  // As it is shipped: an echo waits five seconds for company.
  await using house = await startHouse({
    env: { LOG_LEVEL: 'warn' },
    overrides: { companyMs: 5_000 },
  })
  tell(`linking ${changed} organisations`)
  const pairs = await makePairs(house, changed)
  const rows: string[][] = []
  for (const scenario of scenarios) {
    tell(`${scenario.count} ${scenario.name}`)
    const some = pairs.slice(0, scenario.count)
    const alone = await run(house, scenario, { pairs: some, withEchoes: false })
    const all = await run(house, scenario, { pairs: some, withEchoes: true })
    rows.push(toRow(scenario, { alone, all }))
  }
  const heads = ['', 'N', 'read W', 'read O', 'write W', 'write O', 'calls', 'a record', 'least']
  return [
    '(c) API calls for N organisations changed or created at once (W: Workbooks, O: Outreach).',
    '    "least": by rulebook 12; "echoes": what the webhooks of our own writes cost on top.',
    '',
    renderTable([...heads, 'of least', 'echoes'], rows),
  ].join('\n')
}

type Run = { readonly pairs: readonly Pair[]; readonly withEchoes: boolean }

async function run(
  house: House,
  { edit }: Scenario,
  { pairs, withEchoes }: Run,
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

function setDrops(house: House, drops: number): void {
  house.workbooks.hooks.setDisorder({ drops })
  house.outreach.webhooks.change({ drops })
}

async function makePairs(house: House, count: number): Promise<readonly Pair[]> {
  const made = Array.from({ length: count }, () => createOrganisation(house, { name: newName() }))
  setDrops(house, 1)
  await house.settled(180_000)
  setDrops(house, 0)
  return made.map((w) => ({ w, o: Number(organisation(house, w)['cf_organisation_outreach_id']) }))
}

type Counted = { readonly alone: CallCounts; readonly all: CallCounts }

function toRow({ name, count, least }: Scenario, { alone, all }: Counted): string[] {
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

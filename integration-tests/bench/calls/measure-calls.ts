import {
  account,
  createAccount,
  createOrganisation,
  organisation,
  renameAccount,
  renameOrganisation,
} from '../../records.ts'
import { startHouse, type House } from '../../start-house.ts'
import {
  hundreds,
  measureScenario,
  renderScenarios,
  setDrops,
  shipped,
  type Scenario,
} from './run-scenario.ts'

type Pair = { readonly w: number; readonly o: number }

type Named = Omit<Scenario<Pair>, 'count'>

const changedInWorkbooks: Named = {
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

const changedInOutreach: Named = {
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

const createdInWorkbooks: Named = {
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

const createdInOutreach: Named = {
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
  const scenarios: readonly Scenario<Pair>[] = [
    { ...changedInWorkbooks, count: 1 },
    { ...changedInWorkbooks, count: changed },
    { ...changedInOutreach, count: 1 },
    { ...changedInOutreach, count: changed },
    { ...createdInWorkbooks, count: 1 },
    { ...createdInWorkbooks, count: created },
    { ...createdInOutreach, count: 1 },
    { ...createdInOutreach, count: created },
  ]
  await using house = await startHouse(shipped)
  tell(`linking ${changed} organisations`)
  const pairs = await makePairs(house, changed)
  const rows: (readonly string[])[] = []
  for (const scenario of scenarios) {
    tell(`${scenario.count} ${scenario.name}`)
    rows.push(await measureScenario(house, scenario, pairs))
  }
  return [
    '(c) API calls for N organisations changed or created at once (W: Workbooks, O: Outreach).',
    '    "least": by rulebook 12; "echoes": what the webhooks of our own writes cost on top.',
    '',
    renderScenarios(rows),
  ].join('\n')
}

async function makePairs(house: House, count: number): Promise<readonly Pair[]> {
  const made = Array.from({ length: count }, () => createOrganisation(house, { name: newName() }))
  setDrops(house, 1)
  await house.settled(180_000)
  setDrops(house, 0)
  return made.map((w) => ({ w, o: Number(organisation(house, w)['cf_organisation_outreach_id']) }))
}

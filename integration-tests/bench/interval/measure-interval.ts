import { readStatus } from '../../operators.ts'
import { makePushedClock, reconcile, startSilentHouse } from '../../polling.ts'
import {
  account,
  createOrganisation,
  organisation,
  renameAccount,
  renameOrganisation,
  resetCalls,
} from '../../records.ts'
import type { House } from '../../start-house.ts'
import { countCalls, totalOf, type CallCounts } from '../calls/count-calls.ts'
import { renderTable } from '../render-table.ts'

type Pair = { readonly w: number; readonly o: number }

type Side = {
  readonly name: string
  readonly edit: (house: House, pair: Pair, name: string) => void
  readonly isThere: (house: House, pair: Pair, name: string) => boolean
  /** One look at each resource, the pages of what changed, and rulebook 12 for what follows. */
  readonly least: (count: number) => CallCounts
}

/** Organisations and people; accounts, unnamed ones, prospects, their e-mails and phones: an operator asks for all. */
const resources = { workbooks: 2, outreach: 5 }

const pages = (count: number, size: number) => Math.ceil(count / size)

const sides: readonly Side[] = [
  {
    name: 'changed in Workbooks',
    edit: (house, { w }, name) => renameOrganisation(house, w, name),
    isThere: (house, { o }, name) => account(house, o)['name'] === name,
    least: (count) => ({
      readWorkbooks: resources.workbooks - 1 + Math.max(1, pages(count, 100)) + pages(count, 100),
      readOutreach: resources.outreach + pages(count, 100),
      writeWorkbooks: 0,
      writeOutreach: count,
    }),
  },
  {
    name: 'changed in Outreach',
    edit: (house, { o }, name) => renameAccount(house, o, name),
    isThere: (house, { w }, name) => organisation(house, w)['name'] === name,
    least: (count) => ({
      readWorkbooks: resources.workbooks + pages(count, 100),
      readOutreach: resources.outreach - 1 + Math.max(1, pages(count, 200)) + pages(count, 100),
      writeWorkbooks: pages(count, 100),
      writeOutreach: 0,
    }),
  },
]

/** Of one interval and all that follows from it, for so many records that changed unannounced. */
export async function measureInterval({
  tell,
}: {
  readonly tell: (line: string) => void
}): Promise<string> {
  const clock = makePushedClock()
  await using house = await startSilentHouse({
    env: { LOG_LEVEL: 'warn' },
    overrides: { now: clock.now },
  })
  tell('linking 1000 organisations')
  const pairs = await makePairs(house, 1_000)
  const rows: string[][] = []
  for (const side of sides) {
    for (const count of [0, 10, 1_000]) {
      tell(`${count} ${side.name}`)
      await letPass(house, clock)
      rows.push(await measure(house, side, pairs.slice(0, count)))
    }
  }
  const heads = ['', 'N', 'read W', 'read O', 'write W', 'write O', 'calls', 'least', 'of least']
  return [
    '(j) API calls of one interval that finds N changed organisations, none of them announced, and of what the sync',
    '    does about them (W: Workbooks, O: Outreach). "next": the interval after it, which finds our own',
    '    writes, and reads once more what changed less than a minute ago.',
    '',
    renderTable([...heads, 'intervals', 'next'], rows),
  ].join('\n')
}

async function makePairs(house: House, count: number): Promise<readonly Pair[]> {
  const made = Array.from({ length: count }, (_, at) =>
    createOrganisation(house, { name: `Bench ${at}` }),
  )
  const partnerOf = (w: number) => Number(organisation(house, w)['cf_organisation_outreach_id'])
  await untilAll(house, () => made.every((w) => partnerOf(w) > 0))
  await reconcile(house)
  return made.map((w) => ({ w, o: partnerOf(w) }))
}

/** What changed just now is read again for a while, for more of it may come to light: until that is over. */
async function letPass(house: House, clock: ReturnType<typeof makePushedClock>): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) {
    clock.push(house, 5 * 60_000)
    await reconcile(house)
  }
}

/** How many intervals it took. */
async function untilAll(house: House, isSo: () => boolean): Promise<number> {
  for (let turn = 1; turn <= 20; turn += 1) {
    await reconcile(house)
    if (isSo()) return turn
  }
  const { systems, kinds } = await readStatus(house)
  throw new Error(
    `the changes did not reach the other system: ${JSON.stringify({ systems, kinds })}`,
  )
}

let names = 0

async function measure(house: House, side: Side, pairs: readonly Pair[]): Promise<string[]> {
  const name = `Renamed ${++names}`
  for (const pair of pairs) side.edit(house, pair, `${name} ${pair.w}`)
  resetCalls(house)
  const isThere = () => pairs.every((pair) => side.isThere(house, pair, `${name} ${pair.w}`))
  const intervals = await untilAll(house, isThere)
  const counts = countCalls(house)
  resetCalls(house)
  await reconcile(house)
  const next = totalOf(countCalls(house))
  const [total, fewest] = [totalOf(counts), totalOf(side.least(pairs.length))]
  const { readWorkbooks, readOutreach, writeWorkbooks, writeOutreach } = counts
  return [
    side.name,
    ...[pairs.length, readWorkbooks, readOutreach, writeWorkbooks, writeOutreach].map(String),
    ...[total, fewest].map(String),
    `${(total / fewest).toFixed(2)} x`,
    String(intervals),
    String(next),
  ]
}

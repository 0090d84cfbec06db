import { makeSeededRandom } from '../../../sandbox/outreach/seeded-random.ts'
import { readStatus } from '../../operators.ts'
import { foundOn, makePushedClock } from '../../polling.ts'
import { silently } from '../../records.ts'
import { startHouse, type House } from '../../start-house.ts'
import { renderTable } from '../render-table.ts'
import { quantile } from '../statistics.ts'
import { carryOut, seedCompany, type Company } from './company.ts'
import { planWeek, type Doing } from './plan-week.ts'

type Options = {
  readonly days: number
  readonly callsPerYear: number
  readonly tell: (line: string) => void
}

const minuteMs = 60_000

const company = { organisations: 200, staff: 5 }
const workload = { people: 40, editsADay: 6, lost: 0.02 }

/** Edits that no webhook told, until the other system showed them. */
type Missed = { readonly doing: Doing; readonly isThere: () => boolean }

type Seen = {
  /** Of Outreach, in seconds, as `ops status` shows them. */
  readonly intervals: number[]
  readonly foundAfterMs: { readonly workbooks: number[]; readonly outreach: number[] }
  edits: number
}

/** A week of a company on a clock that is pushed: what polling costs, and how late a missed change is found. */
export async function measureWeek({ days, callsPerYear, tell }: Options): Promise<string> {
  const clock = makePushedClock()
  const { now } = clock
  let seeded: Company | undefined
  await using house = await startHouse({
    env: { LOG_LEVEL: 'warn', OUTREACH_CALLS_PER_YEAR: String(callsPerYear) },
    overrides: { now, pollsWhenAsked: false },
    before: (systems) => {
      seeded = seedCompany(systems, company)
    },
  })
  if (seeded === undefined) throw new Error('nobody seeded the company')
  await house.settled(120_000)
  const start = now()
  let doings = planWeek({ ...workload, start, random: makeSeededRandom(1) })
  const before = await readCalls(house)
  const seen: Seen = { intervals: [], foundAfterMs: { workbooks: [], outreach: [] }, edits: 0 }
  let missed: readonly Missed[] = []
  for (let minute = 0; minute < days * 24 * 60; minute += 1) {
    clock.push(house, start + minute * minuteMs - now())
    const due = doings.filter(({ at }) => at < start + minute * minuteMs)
    doings = doings.slice(due.length)
    missed = [...missed, ...(await edit(house, seeded, due))]
    seen.edits += due.length
    await house.catchUp()
    if (due.length + missed.length > 0) await house.settled()
    missed = missed.filter((one) => !isFound(one, seen, now()))
    if (minute % 60 === 0) await lookAtPace(house, seen)
    if (minute % (24 * 60) === 0) tell(`day ${minute / 24 / 60}`)
  }
  const calls = subtract(await readCalls(house), before)
  return render({ days, callsPerYear, seen, missed, calls, found: await countFound(house) })
}

async function edit(
  house: House,
  seeded: Company,
  due: readonly Doing[],
): Promise<readonly Missed[]> {
  const missed: Missed[] = []
  for (const doing of due) {
    const isThere = doing.isLost
      ? silently(house, () => carryOut(house, seeded, doing))
      : carryOut(house, seeded, doing)
    if (doing.isLost) missed.push({ doing, isThere })
    await house.settled()
  }
  return missed
}

function isFound({ doing, isThere }: Missed, seen: Seen, now: number): boolean {
  if (!isThere()) return false
  seen.foundAfterMs[doing.side].push(now - doing.at)
  return true
}

async function lookAtPace(house: House, seen: Seen): Promise<void> {
  const { systems } = await readStatus(house)
  const seconds = systems.find(({ system }) => system === 'outreach')?.pollSeconds ?? null
  if (seconds !== null) seen.intervals.push(seconds)
}

/** Everything that the poller put in the log. */
async function countFound(house: House): Promise<number> {
  const topics = ['workbooks.organisation', 'workbooks.person'] as const
  const others = ['outreach.account', 'outreach.prospect'] as const
  const found = await Promise.all([...topics, ...others].map((topic) => foundOn(house, topic)))
  return found.flat().length
}

/** By system and lane. */
type Calls = ReadonlyMap<string, number>

async function readCalls(house: House): Promise<Calls> {
  const text = await (await house.ops('GET', '/metrics')).text()
  const calls = new Map<string, number>()
  for (const [, labels = '', count] of text.matchAll(/^gateway_calls_total\{(.*)\} (\d+)$/gm)) {
    const read = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(labels)?.[1] ?? ''
    const key = `${read('system')} ${read('lane')}`
    calls.set(key, (calls.get(key) ?? 0) + Number(count))
  }
  return calls
}

function subtract(from: Calls, what: Calls): Calls {
  return new Map([...from].map(([key, count]) => [key, count - (what.get(key) ?? 0)]))
}

type Measured = Pick<Options, 'days' | 'callsPerYear'> & {
  readonly seen: Seen
  readonly missed: readonly Missed[]
  readonly calls: Calls
  readonly found: number
}

function render({ days, callsPerYear, seen, missed, calls, found }: Measured): string {
  const lanes = [...calls].sort(([one], [other]) => (one < other ? -1 : 1))
  const yearly = (count: number) => ((count * 365) / days).toFixed(0)
  const outreach = lanes
    .filter(([key]) => key.startsWith('outreach '))
    .reduce((sum, [, count]) => sum + count, 0)
  const rows = [
    ...lanes.map(([key, count]) => [key, String(count), yearly(count)]),
    ['outreach, all lanes', String(outreach), yearly(outreach)],
  ]
  const grown = seen.intervals.filter((seconds) => seconds > 60).length
  const late = (side: 'workbooks' | 'outreach') => {
    const all = seen.foundAfterMs[side]
    return `${all.length} missed in ${side}, found after ${toSeconds(quantile(all, 0.5))} (half of them), ${toSeconds(Math.max(0, ...all))} (the last)`
  }
  return [
    `(l) ${days} day(s) of a company of ${workload.people} people, ${seen.edits} edits, ${workload.lost * 100} % of which no webhook told,`,
    `    on ${callsPerYear} calls of Outreach a year. A clock that is pushed from minute to minute.`,
    '',
    renderTable(['calls', 'so far', 'so a year'], rows),
    '',
    `Outreach was polled every ${quantile(seen.intervals, 0).toFixed(0)} to ${Math.max(0, ...seen.intervals)} s, ${quantile(seen.intervals, 0.5).toFixed(0)} s in the middle; longer than a minute in ${grown} of ${seen.intervals.length} hours.`,
    `${late('workbooks')}; ${late('outreach')}; ${missed.length} not found yet.`,
    `The poller put ${found} events in the log.`,
  ].join('\n')
}

function toSeconds(ms: number): string {
  return `${Math.round(ms / 1_000)} s`
}

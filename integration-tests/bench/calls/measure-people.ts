import { setTimeout as wait } from 'node:timers/promises'
import {
  accountIdOf,
  accountOf,
  createPerson,
  editPerson,
  editProspect,
  prospect,
  prospectIdOf,
} from '../../people.ts'
import { createOrganisation, editOrganisation, resetCalls } from '../../records.ts'
import { startHouse, type House } from '../../start-house.ts'
import { renderTable } from '../render-table.ts'
import { countCalls, totalOf, type CallCounts } from './count-calls.ts'
import { shipped } from './run-scenario.ts'

type Options = {
  /** On one organisation that is newly linked. */
  readonly employed: number
  readonly changed: number
  /** How long no-op events come, five a second. */
  readonly minutes: number
  readonly tell: (line: string) => void
}

type Measured = {
  readonly name: string
  readonly count: number
  readonly counts: CallCounts
  readonly seconds: number
  readonly aim: string
}

const longMs = 600_000

/** What people cost in calls, counted until everything is quiet, the echoes of our own writes included. */
export async function measurePeople(options: Options): Promise<string> {
  const rows = [
    await measureEmployed(options),
    await measureChanged(options),
    await measureNoOps(options),
  ]
  const heads = ['', 'N', 'read W', 'read O', 'write W', 'write O', 'calls', 'each', 'seconds']
  return [
    '(d) API calls for N people, counted until everything is quiet, echoes included.',
    '',
    renderTable([...heads, 'aim'], rows.map(toRow)),
  ].join('\n')
}

async function makePeople(house: House, count: number, employer?: number): Promise<number[]> {
  const made = Array.from({ length: count }, (_, at) =>
    createPerson(house, {
      'main_location[email]': `p${at}@bench.example`,
      ...(employer === undefined ? {} : { employer_link: employer }),
    }),
  )
  await house.settled(longMs)
  return made
}

async function measureEmployed({ employed, tell }: Options): Promise<Measured> {
  await using house = await startHouse(shipped)
  tell(`linking ${employed} people`)
  const columns = { name: 'Bench', cf_organisation_sync_to_outreach: false }
  const employer = createOrganisation(house, columns)
  const staff = await makePeople(house, employed, employer)
  tell(`linking their organisation`)
  const measured = await measure(house, async () => {
    editOrganisation(house, employer, { cf_organisation_sync_to_outreach: true })
    await house.settled(longMs)
  })
  const account = accountIdOf(house, employer)
  mustBe(staff.every((w) => accountOf(house, prospectIdOf(house, w) ?? 0) === account))
  const aim = `${employed} PATCH + ${2 * Math.ceil(employed / 100)} reads`
  return { name: 'on one organisation newly linked', count: employed, ...measured, aim }
}

async function measureChanged({ changed, tell }: Options): Promise<Measured> {
  await using house = await startHouse(shipped)
  tell(`linking ${changed} people`)
  const staff = await makePeople(house, changed)
  tell(`changing them`)
  const measured = await measure(house, async () => {
    for (const w of staff) editPerson(house, w, { person_job_title: `Title ${w}` })
    await house.settled(longMs)
  })
  const isThere = (w: number) =>
    prospect(house, prospectIdOf(house, w) ?? 0)['title'] === `Title ${w}`
  mustBe(staff.every(isThere))
  return { name: 'changed in Workbooks', count: changed, ...measured, aim: '1.05 each' }
}

async function measureNoOps({ minutes, tell }: Options): Promise<Measured> {
  await using house = await startHouse({
    ...shipped,
    outreach: { rules: { listChangesMoveUpdatedAt: false } },
  })
  const staff = await makePeople(house, 200)
  const ids = staff.map((w) => prospectIdOf(house, w) ?? 0)
  const count = minutes * 60 * 5
  tell(`${count} no-op events in ${minutes} minutes`)
  const measured = await measure(house, async () => {
    const began = performance.now()
    for (let at = 0; at < count; at += 1) {
      // A list that is not mapped: told as an empty event (outreach-api 1.6).
      editProspect(house, ids[(at * 37) % ids.length] ?? 0, { tags: [`tag ${at}`] })
      await wait(Math.max(0, began + (at + 1) * 200 - performance.now()))
    }
    await house.settled(longMs)
  })
  return { name: 'no-op prospect.updated, 5 a second', count, ...measured, aim: '0.05 each' }
}

async function measure(house: House, doing: () => Promise<void>) {
  resetCalls(house)
  const began = performance.now()
  await doing()
  return { counts: countCalls(house), seconds: (performance.now() - began) / 1_000 }
}

function mustBe(isSo: boolean): void {
  if (!isSo) throw new Error('the changes did not reach the other system')
}

function toRow({ name, count, counts, seconds, aim }: Measured): string[] {
  const total = totalOf(counts)
  const { readWorkbooks, readOutreach, writeWorkbooks, writeOutreach } = counts
  return [
    name,
    ...[count, readWorkbooks, readOutreach, writeWorkbooks, writeOutreach, total].map(String),
    (total / count).toFixed(3),
    seconds.toFixed(1),
    aim,
  ]
}

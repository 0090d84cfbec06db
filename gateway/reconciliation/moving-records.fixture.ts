import { printTime, readTime } from '../../clients/workbooks/wire-values.ts'
import type {
  WorkbooksFilter,
  WorkbooksQuery,
  WorkbooksRecord,
} from '../../clients/workbooks/workbooks-client.ts'
import type {
  OutreachPage,
  OutreachQuery,
  OutreachRecord,
} from '../../clients/outreach/outreach-client.ts'
import { evaluateLogic } from './evaluate-logic.fixture.ts'

type Version = {
  readonly id: number
  readonly lockVersion: number
  /** Epoch seconds, by the system's clock. */
  readonly updatedAt: number
  /** It is committed, and seen, only then. */
  readonly visibleAt: number
  readonly isLinked: boolean
  readonly isDeleted: boolean
}

export const startsAt = Date.parse('2026-03-02T09:00:00Z') / 1000

type Change = {
  /** Seconds until it is committed, and seen. */
  readonly delay?: number
  readonly isLinked?: boolean
  readonly isDeleted?: boolean
}

/** `skew`: our clock minus theirs, seconds. A system whose records change while they are read, and become visible a little after the time they bear. */
export function makeMovingRecords(count: number, skew: number) {
  let clock = startsAt
  const versions = new Map<number, Version>()
  const before = new Map<number, Version>()
  for (let id = 1; id <= count; id += 1) {
    const first = { id, lockVersion: 0, updatedAt: startsAt - 1_000, visibleAt: 0 }
    versions.set(id, { ...first, isLinked: true, isDeleted: false })
  }
  const visibleOf = (one: Version) => (one.visibleAt <= clock ? one : before.get(one.id))
  const visible = () => [...versions.values()].flatMap((one) => visibleOf(one) ?? [])

  return {
    now: () => clock,
    pass: (seconds: number) => {
      clock += seconds
    },
    /** A record that somebody is changing already waits for his commit. */
    change: (id: number, how: Change = {}) => {
      const old = versions.get(id) ?? unborn
      if (old.visibleAt > clock) return
      const { delay = 0, ...rest } = how
      if ('id' in old) before.set(id, old)
      versions.set(id, {
        ...{ ...old, ...rest, id },
        lockVersion: old.lockVersion + 1,
        updatedAt: clock,
        visibleAt: clock + delay,
      })
    },
    visible,
    workbooksPage: (query: WorkbooksQuery): readonly WorkbooksRecord[] => {
      const { filters, logic = '1', sort = [], limit = 100 } = query
      const rows = visible().filter((row) =>
        evaluateLogic(logic, (number) => isMet(filters[number - 1], row)),
      )
      const byTime = sort.find(({ column }) => column === 'updated_at')?.direction
      const sign = byTime === undefined ? 0 : byTime === 'DESC' ? -1 : 1
      rows.sort((one, two) => sign * (one.updatedAt - two.updatedAt) || one.id - two.id)
      return rows.slice(0, limit).map((row) => toRow(row, clock + skew))
    },
    outreachPage: ({ filter = {}, sort, size = 50, next }: OutreachQuery): OutreachPage => {
      // The link of a page is a place in the order, as Outreach's own cursors are.
      const [least = 0, time = 0, id = 0] = (next ?? startOf(filter)).split('/').map(Number)
      const sign = sort === '-updatedAt' ? -1 : 1
      const rows = visible()
        .filter((row) => row.updatedAt >= least)
        .filter((row) => row.updatedAt > time || (row.updatedAt === time && row.id > id))
        .sort((one, two) => sign * (one.updatedAt - two.updatedAt) || one.id - two.id)
      const page = rows.slice(0, size)
      const last = page.at(-1)
      return {
        records: page.map((row) => toRecord(row, clock + skew)),
        next:
          last === undefined || rows.length === page.length
            ? undefined
            : `${least}/${last.updatedAt}/${last.id}`,
      }
    },
  }
}

function startOf({ updatedAt = '' }: Readonly<Record<string, string>>): string {
  return String(Date.parse(updatedAt.replace(/\.\.inf$/, '')) / 1000)
}

export type MovingRecords = ReturnType<typeof makeMovingRecords>

type Test = (row: Version, value: string) => boolean

/** By field and type of a filter. */
const tests: Readonly<Record<string, Test>> = {
  'sync true': () => true,
  'error false': () => true,
  'duplicate false': () => true,
  'outreach_id blank': ({ isLinked }) => !isLinked,
  'outreach_id not_blank': ({ isLinked }) => isLinked,
  'is_deleted true': ({ isDeleted }) => isDeleted,
  'is_deleted false': ({ isDeleted }) => !isDeleted,
  'updated_at ge': ({ updatedAt }, value) => updatedAt * 1000 >= (readTime(value) ?? 0),
  'updated_at gt': ({ updatedAt }, value) => updatedAt * 1000 > (readTime(value) ?? 0),
  'updated_at eq': ({ updatedAt }, value) => updatedAt * 1000 === readTime(value),
  'id gt': ({ id }, value) => id > Number(value),
}

function isMet(filter: WorkbooksFilter | undefined, row: Version): boolean {
  const test = filter && tests[`${filter.field} ${filter.type}`]
  if (test === undefined) throw new Error(`no such filter: ${JSON.stringify(filter)}`)
  return test(row, String(filter?.value))
}

/** What a new version of a record starts from. */
const unborn = { lockVersion: -1, visibleAt: 0, isLinked: true, isDeleted: false }

function toRow({ id, lockVersion, updatedAt, isLinked, isDeleted }: Version, readAt: number) {
  return {
    ...{ controller: 'crm/organisations', id: String(id), lockVersion, isDeleted },
    columns: {
      updated_at: printTime(updatedAt * 1000),
      created_at: printTime((startsAt - 1_000) * 1000),
      outreach_id: isLinked ? String(id + 1_000) : '',
    },
    readAt: readAt * 1000,
  }
}

function toRecord({ id, lockVersion, updatedAt }: Version, readAt: number): OutreachRecord {
  const attributes = {
    name: `version ${lockVersion}`,
    createdAt: new Date((startsAt - 1_000) * 1000).toISOString(),
    updatedAt: new Date(updatedAt * 1000).toISOString(),
  }
  return { type: 'account', id: String(id), attributes, links: {}, readAt: readAt * 1000 }
}

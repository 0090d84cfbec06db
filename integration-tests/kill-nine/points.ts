import type { Entry } from '../../event-log/event-log.ts'
import { readFramedDelivery } from '../../gateway/frame-delivery.ts'
import type { Statement } from '../../state/state-store.ts'

/** What a person does so that the path leads through a point. */
export type Stir =
  | 'create in Workbooks'
  | 'create in Outreach'
  | 'edit in Workbooks'
  | 'edit in Outreach'
  | 'edit many'
  | 'delete'
  | 'fail'
  | 'nothing'

/** The path of a change, from the door to the other system; each is killed before and after. */
export const points = {
  'keep a delivery of Outreach': 'edit in Outreach',
  'keep a delivery of Workbooks': 'edit in Workbooks',
  'remember a used token': 'edit in Workbooks',
  'hand out events': 'edit in Workbooks',
  'append outcomes': 'edit in Outreach',
  'commit the group': 'edit in Workbooks',
  'write that a process lives': 'nothing',
  'write an intent for Outreach': 'create in Workbooks',
  'write an intent for Workbooks': 'create in Outreach',
  'write a pair made in Outreach': 'create in Workbooks',
  'write a pair made in Workbooks': 'create in Outreach',
  'write what is pending in Outreach': 'edit in Workbooks',
  'write what is pending in Workbooks': 'edit in Outreach',
  'write what is agreed': 'edit in Outreach',
  'write an outcome alone': 'edit in Workbooks',
  'mark outcomes as published': 'edit in Outreach',
  'close a pair': 'delete',
  'park a record': 'fail',
  'take a parked record away': 'fail',
  'call Workbooks: columns': 'nothing',
  'call Workbooks: read': 'edit in Outreach',
  'call Workbooks: search': 'create in Outreach',
  'call Workbooks: create': 'create in Outreach',
  'call Workbooks: write back the id': 'create in Workbooks',
  'call Workbooks: update': 'edit in Outreach',
  'call Outreach: users': 'create in Workbooks',
  'call Outreach: read one': 'edit in Workbooks',
  'call Outreach: read a list': 'edit many',
  'call Outreach: search': 'create in Workbooks',
  'call Outreach: create': 'create in Workbooks',
  'call Outreach: PATCH': 'edit in Workbooks',
} as const satisfies Readonly<Record<string, Stir>>

export type PointName = keyof typeof points

export function pointOfKeep(raw: Uint8Array): PointName {
  return readFramedDelivery(raw)?.source === 'outreach'
    ? 'keep a delivery of Outreach'
    : 'keep a delivery of Workbooks'
}

export function pointOfAppend(entries: readonly Entry[]): PointName | undefined {
  return entries.some(({ topic }) => topic === 'sync.outcome') ? 'append outcomes' : undefined
}

export function pointOfWrite(statements: readonly Statement[]): PointName | undefined {
  for (const [sql, toPoint] of writes) {
    const statement = statements.find((one) => one.sql.startsWith(sql))
    const point = statement === undefined ? undefined : toPoint(statement.params ?? [], statements)
    if (point !== undefined) return point
  }
  return undefined
}

type ToPoint = (
  params: NonNullable<Statement['params']>,
  statements: readonly Statement[],
) => PointName | undefined

/** By the first of these statements that a transaction has. */
const writes: readonly (readonly [string, ToPoint])[] = [
  ['INSERT INTO used_tokens', () => 'remember a used token'],
  [
    'INSERT INTO facts',
    ([name]) => (String(name).startsWith('role:') ? 'write that a process lives' : undefined),
  ],
  ['INSERT INTO intents', (params) => `write an intent for ${otherThan(params[1])}`],
  ['DELETE FROM intents', ([, source], statements) => pointOfNewPair(source, statements)],
  ['INSERT INTO pairs', pointOfPair],
  ['INSERT INTO parked', () => 'park a record'],
  ['DELETE FROM parked', () => 'take a parked record away'],
  ['INSERT INTO outcomes', () => 'write an outcome alone'],
  ['UPDATE outcomes', () => 'mark outcomes as published'],
]

function pointOfNewPair(source: unknown, statements: readonly Statement[]): PointName | undefined {
  const isPair = statements.some(({ sql }) => sql.startsWith('INSERT INTO pairs'))
  return isPair ? `write a pair made in ${otherThan(source)}` : undefined
}

function otherThan(source: unknown): 'Outreach' | 'Workbooks' {
  return source === 'workbooks' ? 'Outreach' : 'Workbooks'
}

function pointOfPair(params: NonNullable<Statement['params']>): PointName {
  if (params[3] === 'closed') return 'close a pair'
  const pending = /"pending":\{"system":"(\w+)"/.exec(String(params[7]))?.[1]
  if (pending === undefined) return 'write what is agreed'
  return `write what is pending in ${pending === 'outreach' ? 'Outreach' : 'Workbooks'}`
}

export function pointOfCall(url: string, method: string, body: string): PointName | undefined {
  const { pathname, searchParams } = new URL(url)
  return pathname.startsWith('/api/v2/')
    ? pointOfOutreach(pathname, { method, searchParams })
    : pointOfWorkbooks(pathname, new URLSearchParams(body))
}

type Asked = { readonly method: string; readonly searchParams: URLSearchParams }

function pointOfOutreach(path: string, { method, searchParams }: Asked): PointName | undefined {
  if (path.endsWith('/users')) return 'call Outreach: users'
  if (method === 'POST') return 'call Outreach: create'
  if (method === 'PATCH') return 'call Outreach: PATCH'
  if (/\/accounts\/\d+$/.test(path)) return 'call Outreach: read one'
  return searchParams.has('filter[id]') ? 'call Outreach: read a list' : 'call Outreach: search'
}

function pointOfWorkbooks(path: string, form: URLSearchParams): PointName | undefined {
  if (path.startsWith('/metadata/')) return 'call Workbooks: columns'
  if (!path.startsWith('/crm/organisations.')) return undefined
  if (form.get('_method') === 'GET') {
    const isById = form.get('_ff[]') === 'id'
    return isById ? 'call Workbooks: read' : 'call Workbooks: search'
  }
  if (form.getAll('__method[]').includes('POST')) return 'call Workbooks: create'
  return form.has('cf_organisation_outreach_id[]')
    ? 'call Workbooks: write back the id'
    : 'call Workbooks: update'
}

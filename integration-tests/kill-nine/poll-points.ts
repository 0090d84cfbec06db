import type { Entry } from '../../event-log/event-log.ts'
import type { Statement } from '../../state/state-store.ts'

/** The path of a change that no webhook told, from the poller's question to its memory of the answer. */
export const pollPoints = [
  'poll Workbooks',
  'poll Outreach',
  'append what was found',
  'remember what was found, and how far',
  'remember how far',
] as const

export type PollPoint = (typeof pollPoints)[number]

export function pollPointOfCall(url: string, body: string): PollPoint | undefined {
  const { pathname, searchParams } = new URL(url)
  if (pathname.startsWith('/api/v2/')) {
    return searchParams.has('filter[updatedAt]') ? 'poll Outreach' : undefined
  }
  const asked = new URLSearchParams(body).getAll('_ff[]')
  return asked.includes('updated_at') ? 'poll Workbooks' : undefined
}

export function pollPointOfAppend(entries: readonly Entry[]): PollPoint | undefined {
  const isFound = ({ value }: Entry) => Buffer.from(value).includes('"origin":"reconciliation"')
  return entries.some(isFound) ? 'append what was found' : undefined
}

/** By the first of these statements that a transaction has. */
const writes: readonly (readonly [RegExp, PollPoint])[] = [
  [/^INSERT INTO versions \([^)]*\bpublished\b/, 'remember what was found, and how far'],
  [/^INSERT INTO cursors/, 'remember how far'],
]

export function pollPointOfWrite(statements: readonly Statement[]): PollPoint | undefined {
  return writes.find(([sql]) => statements.some((one) => sql.test(one.sql)))?.[1]
}

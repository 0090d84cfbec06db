import type { Outcome } from '../schemas/outcome.ts'
import type { RecordRef } from '../schemas/record-ref.ts'
import { readRecordMember } from './read-record-member.ts'
import { renderColumns } from './render-columns.ts'
import { makeVerb, type Input, type Members } from './verb.ts'

export type Followed = {
  /** Oldest first. */
  readonly outcomes: readonly Outcome[]
  /** To be handed in as `after` next time. */
  readonly cursor: string
}

export type OutcomesDeps = {
  readonly outcomes: {
    /** Newest first. */
    readonly byRecord: (record: RecordRef, limit: number) => Promise<readonly Outcome[]>
    /** What came after the cursor, of one record or of all; `after` undefined: from now on. */
    readonly follow: (what: {
      readonly after: string | undefined
      readonly record: RecordRef | undefined
      readonly limit: number
    }) => Promise<Followed>
  }
}

type Asked = {
  readonly record: RecordRef | undefined
  readonly limit: number
  /** There for somebody who follows; `now` begins. */
  readonly after: string | undefined
}

type Answer = { readonly outcomes: readonly Outcome[]; readonly cursor?: string }

const limits = { usual: 50, most: 1_000 }

export const outcomes = makeVerb<OutcomesDeps, Asked, Answer>({
  name: 'outcomes',
  usage: 'outcomes <record> [--limit <n>], outcomes [<record>] --follow',
  says: 'what was done about a record, newest first, and why; --follow: new ones as they come',
  scope: 'ops:read',
  http: { method: 'GET', path: '/ops/outcomes', status: 200 },
  commandLine: { words: ['record'], options: { limit: 'value' } },
  readInput,
  run: async (deps, { record, limit, after }) => {
    if (after !== undefined) {
      const from = after === 'now' ? undefined : after
      return { kind: 'done', answer: await deps.outcomes.follow({ after: from, record, limit }) }
    }
    const found = record === undefined ? [] : await deps.outcomes.byRecord(record, limit)
    return { kind: 'done', answer: { outcomes: found } }
  },
  renderText: ({ outcomes: found, cursor }) => {
    if (cursor !== undefined) return found.map(renderLine).join('')
    if (found.length === 0) return 'No outcome: nothing has been handled for this record.\n'
    return renderColumns(['at', 'outcome', 'pair', 'written', 'fields', 'why'], found.map(toCells))
  },
  follow: (members, answer) => ({ ...members, after: answer?.cursor ?? 'now' }),
})

function readInput(members: Members): Input<Asked> {
  const limit = Number(members['limit'] ?? limits.usual)
  if (!Number.isInteger(limit) || limit < 1 || limit > limits.most) {
    const sentence = `limit must be a whole number from 1 to ${limits.most}, for example limit=${limits.usual}`
    return { kind: 'wrong', sentence }
  }
  const { after } = members
  if (after !== undefined && (typeof after !== 'string' || !/^[\w:.-]{1,100}$/.test(after))) {
    const sentence = 'after must be the cursor of the answer before, or: now'
    return { kind: 'wrong', sentence }
  }
  // Who follows may follow all records; who looks back names one.
  if (after !== undefined && members['record'] === undefined) {
    return { kind: 'input', input: { record: undefined, limit, after } }
  }
  const record = readRecordMember(members)
  if (record.kind === 'wrong') return record
  return { kind: 'input', input: { record: record.input, limit, after } }
}

function renderLine(outcome: Outcome): string {
  return `${toCells(outcome)
    .filter((cell) => cell !== '')
    .join('  ')}\n`
}

function toCells(outcome: Outcome): readonly string[] {
  const { kind, pair, reason, condition, conflicts = [] } = outcome
  const lost = conflicts.map(({ field, winner }) => `${field}: ${winner} won`)
  const number = condition === undefined || condition === null ? '' : `(condition ${condition})`
  return [
    outcome.at,
    outcome.outcome,
    `${kind} ${pair.workbooks ?? '?'} - ${pair.outreach ?? '?'}`,
    outcome.system ?? '-',
    outcome.fields.join(', '),
    [reason ?? '', number, ...lost].filter((part) => part !== '').join(' '),
  ]
}

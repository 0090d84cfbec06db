import type { RecordRef } from '../schemas/record-ref.ts'
import { readRecordMember } from './read-record-member.ts'
import { makeVerb, type Audited } from './verb.ts'

export type Requested =
  | { readonly kind: 'requested' }
  /** Ends with what to do instead. */
  | { readonly kind: 'refused'; readonly why: string }

export type SyncDeps = Audited & {
  /** Puts a `sync.request` for the record in the log; refused where no kind has such records. */
  readonly requestSync: (record: RecordRef, by: string) => Promise<Requested>
}

type Answer = { readonly record: RecordRef; readonly requested: true }

export const sync = makeVerb<SyncDeps, RecordRef, Answer>({
  name: 'sync',
  usage: 'sync <record>',
  says: 'handle one record now, as if a webhook had named it',
  scope: 'ops:write',
  http: { method: 'POST', path: '/ops/sync', status: 202 },
  commandLine: { words: ['record'], options: {} },
  readInput: readRecordMember,
  run: async ({ requestSync, audit, now }, record, by) => {
    await audit.record({ at: now(), by, verb: 'sync', what: record })
    const requested = await requestSync(record, by)
    if (requested.kind === 'refused') return { kind: 'refused', sentence: requested.why }
    return { kind: 'done', answer: { record, requested: true } }
  },
  renderText: ({ record }) =>
    `Requested. See what becomes of it: node start.ts ops outcomes ${record}\n`,
})

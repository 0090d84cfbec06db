import type { RecordRef, System } from '../../../schemas/record-ref.ts'
import type { Kind } from '../kinds/kind.ts'
import type { Values } from '../merge/merge-fields.ts'
import type { Step, SyncDeps, Work } from './work.ts'

export type Refusal = {
  readonly system: System
  /** The attributes, relationships or columns that the answer points at. */
  readonly names: readonly string[]
  /** What was sent, by field. */
  readonly sent: Values
  readonly message: string
}

/**
 * The target refuses the link, not the record: the parent has vanished there, and nobody has told us yet.
 * It is looked at, and the child is tried again with growing waits, without a flag (rulebook 6, 10).
 */
export async function waitForRefusedParent(
  deps: Pick<SyncDeps, 'requestSync'>,
  work: Work,
  { system, names, sent, message }: Refusal,
): Promise<Step | undefined> {
  const refused = toRefs(work.kind, { system, names, sent })
  if (refused.length === 0) return undefined
  const requests = refused.map((record) => ({ record, reason: `a link to it was refused` }))
  await deps.requestSync(requests, work)
  return { kind: 'park', cause: 'record', reason: `${message} (${refused.join(', ')})` }
}

function toRefs({ fields }: Kind, { system, names, sent }: Omit<Refusal, 'message'>): RecordRef[] {
  return fields.flatMap(({ workbooks, outreach, parent }) => {
    const id = sent[workbooks]
    const isNamed = names.includes(system === 'outreach' ? outreach : workbooks)
    if (parent === undefined || !isNamed || typeof id !== 'string') return []
    const type = system === 'outreach' ? parent.outreachType : parent.kind
    return [`${system}:${type}:${id}` as const]
  })
}

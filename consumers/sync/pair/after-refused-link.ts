import type { RecordRef, System } from '../../../schemas/record-ref.ts'
import type { Field } from '../fields/field.ts'
import type { Kind } from '../kinds/kind.ts'
import { isMemberField } from '../members/member-values.ts'
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
 * The target refuses the link, not the record: the parent, or the stage, has vanished there, and nobody
 * has told us yet. The parent is looked at, and the child is tried again with growing waits, without a
 * flag (rulebook 6, 10); the stage is left out, and the rest is tried at once.
 */
export async function afterRefusedLink(
  deps: Pick<SyncDeps, 'requestSync' | 'stages'>,
  work: Work,
  refusal: Refusal,
): Promise<Step | undefined> {
  const { system, names, sent, message } = refusal
  const stages = work.kind.fields.filter(({ form }) => form === 'stage')
  const refusedStage = stages.find((field) => isNamed(field, refusal))
  if (refusedStage !== undefined) {
    deps.stages.wasRefused(system, String(sent[refusedStage.workbooks]))
    return { kind: 'again', why: message }
  }
  const refused = toRefs(work.kind, { system, names, sent })
  if (refused.length === 0) return undefined
  const requests = refused.map((record) => ({ record, reason: `a link to it was refused` }))
  await deps.requestSync(requests, work)
  return { kind: 'park', cause: 'record', reason: `${message} (${refused.join(', ')})` }
}

function isNamed(
  { workbooks, outreach }: Pick<Field, 'workbooks' | 'outreach'>,
  { system, names, sent }: Omit<Refusal, 'message'>,
): boolean {
  const isAbout = names.includes(system === 'outreach' ? outreach : workbooks)
  return isAbout && typeof sent[workbooks] === 'string'
}

function toRefs({ fields }: Kind, refusal: Omit<Refusal, 'message'>): RecordRef[] {
  const { system, sent, names } = refusal
  return fields.flatMap((field): RecordRef[] => {
    const { workbooks, parent } = field
    if (isMemberField(field)) {
      const { members, member } = field
      const isRefused = workbooks in sent && names.includes(field.outreach)
      return isRefused ? [`outreach:${members.outreachType}:${member.outreachId ?? ''}`] : []
    }
    if (parent === undefined || !isNamed(field, refusal)) return []
    const type = system === 'outreach' ? parent.outreachType : parent.kind
    return [`${system}:${type}:${String(sent[workbooks])}` as const]
  })
}

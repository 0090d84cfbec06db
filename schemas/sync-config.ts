import type { Kind } from './kind.ts'
import { makeFindMistakes } from './make-validate.ts'
import { findFieldMistakes } from './sync-config-fields.ts'
import { toMistakes } from './sync-config-mistakes.ts'
import schema from './sync-config.schema.json' with { type: 'json' }

/** One line of the mapping as the file says it; what is absent takes the built-in default. */
export type FieldEntry = {
  readonly workbooks: string
  /** Absent only where `enabled` is false. */
  readonly outreach?: string
  readonly direction?: 'both' | 'send' | 'receive'
  readonly onConflict?: 'latest' | 'workbooks' | 'outreach'
  readonly onLink?: 'workbooks' | 'outreach'
  readonly enabled?: boolean
}

/** Holds where the attribute (of a list: one of its elements) is one of the values. */
export type CreateCondition = {
  readonly attribute: string
  readonly is: readonly (string | number | boolean | null)[]
}

export type ColumnName =
  | 'syncToOutreach'
  | 'outreachSyncError'
  | 'outreachDuplicate'
  | 'outreachId'
  | 'outreachUrl'
  | 'outreachErrorMessage'
  | 'sequenceState'
  | 'stateUpdatedAt'
  | 'sequenceName'
  | 'sequenceStep'

export type KindConfig = {
  readonly enabled?: boolean
  readonly matching?: 'flag' | 'link'
  readonly createInOutreach?: boolean
  readonly createInWorkbooks?: boolean | { readonly when: readonly CreateCondition[] }
  readonly onDelete?: 'close' | 'delete'
  /** Null: the database has no such column (optional ones only). */
  readonly columns?: Readonly<Partial<Record<ColumnName, string | null>>>
  readonly fields?: readonly FieldEntry[]
}

/** The SYNC_CONFIG file (mapping.md 3), checked; absent keys take the built-in default. */
export type SyncConfig = {
  readonly kinds?: Readonly<Partial<Record<Kind, KindConfig>>>
  readonly owner?: {
    readonly match?: 'username' | 'name' | 'email'
    readonly users?: Readonly<Record<string, string>>
  }
  readonly opportunityStages?: Readonly<Record<string, string>>
  readonly taskTypes?: Readonly<Record<string, 'action_item' | 'call' | 'email' | 'in_person'>>
}

export type SyncConfigRead =
  | { readonly kind: 'ok'; readonly config: SyncConfig }
  | { readonly kind: 'mistakes'; readonly mistakes: readonly string[] }

const findShapeMistakes = makeFindMistakes(schema)

/** The configuration, or every mistake in it: where, what was found, what is allowed. */
export function readSyncConfig(json: unknown): SyncConfigRead {
  const mistakes = [...toMistakes(findShapeMistakes(json)), ...findFieldMistakes(json)]
  if (mistakes.length > 0) return { kind: 'mistakes', mistakes }
  // The schema found nothing wrong with it, and the schema says what the type says.
  return { kind: 'ok', config: json as SyncConfig }
}

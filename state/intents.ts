import { columnOf } from './pairs.ts'
import type { Statement, StateStore } from './state-store.ts'

/** A create that was about to be sent: written before, taken away after (rulebook 4). */
export type Intent = {
  readonly kind: string
  /** The system whose record is being copied to the other one. */
  readonly source: 'workbooks' | 'outreach'
  readonly sourceId: string
  /** Epoch ms: before it was sent. */
  readonly at: number
  /** Epoch ms: when it was first looked for without being found; null: not yet. */
  readonly lookedAt: number | null
  /** What was about to be sent; opaque here. */
  readonly content: string
}

type Of = Pick<Intent, 'kind' | 'source' | 'sourceId'>

export type Intents = { readonly read: (of: Of) => Promise<Intent | undefined> }

/** The creates that may have happened. */
export function makeIntents(store: Pick<StateStore, 'read'>): Intents {
  return {
    async read({ kind, source, sourceId }) {
      const [row] = await store.read({
        sql: `SELECT at, looked_at, content FROM intents WHERE kind = $1 AND source = $2 AND source_id = $3`,
        params: [kind, source, sourceId],
      })
      if (row === undefined) return undefined
      const lookedAt = row['looked_at'] ?? null
      return {
        kind,
        source,
        sourceId,
        at: Number(row['at']),
        lookedAt: lookedAt === null ? null : Number(lookedAt),
        content: String(row['content']),
      }
    },
  }
}

/**
 * Writes an intent where `before` is what still stands (undefined: nothing does). That it changes no
 * row means that somebody else is at it: create-once rests on this, whatever became of a lock.
 */
export function writeIntent(intent: Intent, before: Intent | undefined): Statement {
  const { kind, source, sourceId, at, lookedAt, content } = intent
  const params = [kind, source, sourceId, at, lookedAt, content]
  if (before === undefined) {
    return {
      sql: `INSERT INTO intents (kind, source, source_id, at, looked_at, content)
            VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (kind, source, source_id) DO NOTHING`,
      params,
    }
  }
  return {
    sql: `UPDATE intents SET at = $4, looked_at = $5, content = $6
          WHERE kind = $1 AND source = $2 AND source_id = $3
            AND at = $7 AND looked_at IS NOT DISTINCT FROM $8`,
    params: [...params, before.at, before.lookedAt],
  }
}

/**
 * Takes an intent back where its record has a partner by now: after `writeIntent`, in one transaction.
 * Whoever made the partner has taken the intent away, and its key forbids nothing any more.
 */
export function dropIntentIfLinked({ kind, source: side, sourceId }: Of): Statement {
  return {
    sql: `DELETE FROM intents WHERE kind = $1 AND source = $2 AND source_id = $3
            AND EXISTS (SELECT 1 FROM pairs WHERE kind = $1 AND ${columnOf[side]} = $3 AND status = 'linked')`,
    params: [kind, side, sourceId],
  }
}

/** The record was made, whoever wrote the intent. */
export function removeIntent({ kind, source, sourceId }: Of): Statement {
  return {
    sql: `DELETE FROM intents WHERE kind = $1 AND source = $2 AND source_id = $3`,
    params: [kind, source, sourceId],
  }
}

/** What was to be sent was not done: takes away exactly this intent, nobody else's. */
export function takeBackIntent({ kind, source, sourceId, at }: Of & Pick<Intent, 'at'>): Statement {
  return {
    sql: `DELETE FROM intents WHERE kind = $1 AND source = $2 AND source_id = $3 AND at = $4`,
    params: [kind, source, sourceId, at],
  }
}

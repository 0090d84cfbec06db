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

export function writeIntent(intent: Intent): Statement {
  const { kind, source, sourceId, at, lookedAt, content } = intent
  return {
    sql: `INSERT INTO intents (kind, source, source_id, at, looked_at, content) VALUES ($1, $2, $3, $4, $5, $6)
          ON CONFLICT (kind, source, source_id) DO UPDATE
            SET at = excluded.at, looked_at = excluded.looked_at, content = excluded.content`,
    params: [kind, source, sourceId, at, lookedAt, content],
  }
}

export function removeIntent({ kind, source, sourceId }: Of): Statement {
  return {
    sql: `DELETE FROM intents WHERE kind = $1 AND source = $2 AND source_id = $3`,
    params: [kind, source, sourceId],
  }
}

import { writeFact } from './facts.ts'
import type { Statement } from './state-store.ts'

type Reserved = {
  readonly kind: string
  readonly at: number
  /** So many since then, and no more. */
  readonly most: number
  readonly since: number
}

/**
 * Counts one deletion before it is done; that the last statement changes nothing means that it must
 * not be done. The first makes all who ask wait for each other's commit, so that the second counts
 * what was committed before: a limit of the state's, whatever became of a lock.
 */
export function reserveDeletion({ kind, at, most, since }: Reserved): readonly Statement[] {
  return [
    writeFact(`deletes:${kind}`, String(at)),
    {
      sql: `INSERT INTO deletions (kind, at) SELECT $1, CAST($2 AS BIGINT)
            WHERE (SELECT COUNT(*) FROM deletions WHERE kind = $1 AND at >= $3) < CAST($4 AS BIGINT)
              AND NOT EXISTS (SELECT 1 FROM pauses WHERE what = $5)`,
      params: [kind, at, since, most, `deletes:${kind}`],
    },
  ]
}

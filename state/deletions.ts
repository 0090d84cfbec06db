import type { Statement, StateStore } from './state-store.ts'

/** How many records of a kind we deleted since then, and whether deleting stands still. */
export async function countDeletions(
  store: Pick<StateStore, 'read'>,
  { kind, since }: { readonly kind: string; readonly since: number },
): Promise<{ readonly count: number; readonly isPaused: boolean }> {
  const [row] = await store.read({
    sql: `SELECT (SELECT COUNT(*) FROM deletions WHERE kind = $1 AND at >= $2) AS deleted,
                 (SELECT COUNT(*) FROM pauses WHERE what = $3) AS paused`,
    params: [kind, since, `deletes:${kind}`],
  })
  return { count: Number(row?.['deleted'] ?? 0), isPaused: Number(row?.['paused'] ?? 0) > 0 }
}

export function writeDeletion(kind: string, at: number): Statement {
  return { sql: `INSERT INTO deletions (kind, at) VALUES ($1, $2)`, params: [kind, at] }
}

import type { Statement, StateStore } from './state-store.ts'

/** Workbooks records whose Outreach Sync Error we set, and that were not synchronised since. */
export async function countFlagged(store: Pick<StateStore, 'read'>, kind: string): Promise<number> {
  const [row] = await store.read({
    sql: `SELECT COUNT(*) AS flagged FROM flagged WHERE kind = $1`,
    params: [kind],
  })
  return Number(row?.['flagged'] ?? 0)
}

export function writeFlagged(kind: string, workbooksId: string): Statement {
  return {
    sql: `INSERT INTO flagged (kind, workbooks_id) VALUES ($1, $2) ON CONFLICT (kind, workbooks_id) DO NOTHING`,
    params: [kind, workbooksId],
  }
}

export function removeFlagged(kind: string, workbooksId: string): Statement {
  return {
    sql: `DELETE FROM flagged WHERE kind = $1 AND workbooks_id = $2`,
    params: [kind, workbooksId],
  }
}

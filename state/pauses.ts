import type { Statement, StateStore } from './state-store.ts'

/** Something that stands still until a person, or a probe, lets it go on. */
export type Pause = {
  /** A kind (`organisation`), a system (`outreach`), or `deletes:<kind>`. */
  readonly what: string
  /** `operator`, `setup`, `flags` (too many at once), `brake` (too many deletes). */
  readonly cause: string
  readonly reason: string
  readonly since: number
}

export type Pauses = { readonly all: () => Promise<readonly Pause[]> }

export function makePauses(store: Pick<StateStore, 'read'>): Pauses {
  return {
    async all() {
      const rows = await store.read({ sql: `SELECT * FROM pauses ORDER BY what` })
      return rows.map((row) => ({
        what: String(row['what']),
        cause: String(row['cause']),
        reason: String(row['reason']),
        since: Number(row['since']),
      }))
    },
  }
}

export function writePause({ what, cause, reason, since }: Pause): Statement {
  return {
    sql: `INSERT INTO pauses (what, cause, reason, since) VALUES ($1, $2, $3, $4)
          ON CONFLICT (what) DO UPDATE SET cause = excluded.cause, reason = excluded.reason`,
    params: [what, cause, reason, since],
  }
}

export function removePause(what: string): Statement {
  return { sql: `DELETE FROM pauses WHERE what = $1`, params: [what] }
}

import type { SqlValue, Statement, StateStore } from './state-store.ts'

/** Who names whom: a pair (by its Workbooks record) names a parent, on either side, by one of its fields. */
export type Relation = {
  readonly child: string
  readonly field: string
  readonly parent: string
}

/** A parent that was linked, with children that may have to follow it. */
export type Wake = {
  readonly workbooks: string
  readonly outreach: string
  /** The last child that was asked for; empty before the first. */
  readonly cursor: string
  /** Epoch ms of the link; a later link of the same pair begins afresh. */
  readonly since: number
}

export type Relations = {
  /** Whether any child names this parent, other than unasked. */
  readonly isNamed: (parent: string) => Promise<boolean>
  /** Children after `cursor` that name one side of the wake's pair and not the other, in their order. */
  readonly childrenApart: (wake: Wake, limit: number) => Promise<readonly string[]>
  /** Wakes that nobody works on at `now`, or whose worker died; a hundred at most, the oldest first. */
  readonly idleWakes: (now: number) => Promise<readonly Wake[]>
}

/** Who waits for whom (rulebook 6, 7): what a child names and cannot follow yet, and who was linked since. */
export function makeRelations(store: Pick<StateStore, 'read'>): Relations {
  return {
    async isNamed(parent) {
      const rows = await store.read({
        sql: `SELECT 1 AS named FROM relations WHERE parent = $1 AND field NOT LIKE $2 LIMIT 1`,
        params: [parent, `%${unaskedSuffix}`],
      })
      return rows.length > 0
    },
    async childrenApart({ workbooks, outreach, cursor }, limit) {
      const rows = await store.read({
        sql: `SELECT child FROM relations WHERE parent IN ($1, $2) AND child > $3
              GROUP BY child, field HAVING COUNT(*) < 2 ORDER BY child LIMIT $4`,
        params: [workbooks, outreach, cursor, limit],
      })
      return [...new Set(rows.map(({ child }) => String(child)))]
    },
    async idleWakes(now) {
      const rows = await store.read({
        sql: `SELECT * FROM wakes WHERE claimed_until < $1 ORDER BY since LIMIT 100`,
        params: [now],
      })
      return rows.map((row) => ({
        workbooks: String(row['workbooks']),
        outreach: String(row['outreach']),
        cursor: String(row['reached']),
        since: Number(row['since']),
      }))
    },
  }
}

/** Linked parents whose children are still to be asked for, also those that somebody works on. */
export async function countWakes(store: Pick<StateStore, 'read'>): Promise<number> {
  const [row] = await store.read({ sql: `SELECT COUNT(*) AS count FROM wakes` })
  return Number(row?.['count'] ?? 0)
}

/** All that a child names, instead of what it named before. */
export function writeRelations(
  child: string,
  all: readonly Omit<Relation, 'child'>[],
): readonly Statement[] {
  return [
    removeRelations(child),
    ...all.map(({ field, parent }) => ({
      sql: `INSERT INTO relations (child, field, parent) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
      params: [child, field, parent],
    })),
  ]
}

export function removeRelations(child: string): Statement {
  return { sql: `DELETE FROM relations WHERE child = $1`, params: [child] }
}

/**
 * A parent is linked now: whoever names it is to be woken. Written whether or not anybody does: a child
 * whose row is being written at this moment, in another process, cannot be seen yet.
 */
export function writeWake(
  { workbooks, outreach }: Pick<Wake, 'workbooks' | 'outreach'>,
  at: number,
): Statement {
  return {
    sql: `INSERT INTO wakes (workbooks, outreach, reached, since, claimed_until)
          VALUES ($1, $2, '', $3, 0)
          ON CONFLICT (workbooks, outreach) DO UPDATE
            SET reached = '', since = excluded.since, claimed_until = 0`,
    params: [workbooks, outreach, at],
  }
}

/** At the end of a field's name: its parent is linked, and what is wanted of it waits until it takes part. */
export const absentSuffix = ':absent'

/** At the end of a field's name: its parent is waited for, and nobody has asked for it yet. */
export const unaskedSuffix = ':unasked'

/** A parent takes part: whoever waited for that is woken, as by a link. */
export function writeWakeIfMissed(
  { workbooks, outreach }: Pick<Wake, 'workbooks' | 'outreach'>,
  at: number,
): Statement {
  return {
    sql: `INSERT INTO wakes (workbooks, outreach, reached, since, claimed_until)
          SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), '', CAST($3 AS BIGINT), 0
          WHERE EXISTS (SELECT 1 FROM relations WHERE parent = $1 AND field LIKE $4)
          ON CONFLICT (workbooks, outreach) DO UPDATE
            SET reached = '', since = excluded.since, claimed_until = 0`,
    params: [workbooks, outreach, at, `%${absentSuffix}`],
  }
}

/** Changes one row where nobody else has it; `until` is when a worker that died is given up. */
export function claimWake(wake: Wake, { now, until }: { now: number; until: number }): Statement {
  return {
    sql: `UPDATE wakes SET claimed_until = $4
          WHERE workbooks = $1 AND outreach = $2 AND since = $3 AND claimed_until < $5`,
    params: [...keyOf(wake), until, now],
  }
}

/** Changes one row unless the pair was linked anew meanwhile. */
export function moveWake(wake: Wake, to: { cursor: string; until: number }): Statement {
  return {
    sql: `UPDATE wakes SET reached = $4, claimed_until = $5
          WHERE workbooks = $1 AND outreach = $2 AND since = $3`,
    params: [...keyOf(wake), to.cursor, to.until],
  }
}

export function removeWake(wake: Wake): Statement {
  return {
    sql: `DELETE FROM wakes WHERE workbooks = $1 AND outreach = $2 AND since = $3`,
    params: keyOf(wake),
  }
}

function keyOf({ workbooks, outreach, since }: Wake): readonly SqlValue[] {
  return [workbooks, outreach, since]
}

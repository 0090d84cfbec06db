import type { Statement, StateStore } from './state-store.ts'

type Flag = {
  readonly kind: string
  /** What flags of one cause have in common. */
  readonly cause: string
  /** Epoch ms. */
  readonly at: number
  /** Epoch ms: older ones count no more, and are forgotten. */
  readonly since: number
}

/** Notes one flag, and answers how many there were of its kind and cause since then, in all processes. */
export async function countFlag(
  store: Pick<StateStore, 'write'>,
  { kind, cause, at, since }: Flag,
): Promise<number> {
  const [, , counted] = await store.write([
    { sql: `DELETE FROM flag_times WHERE at <= $1`, params: [since] },
    {
      sql: `INSERT INTO flag_times (kind, cause, at) VALUES ($1, $2, $3)`,
      params: [kind, cause, at],
    },
    {
      sql: `SELECT COUNT(*) AS flags FROM flag_times WHERE kind = $1 AND cause = $2`,
      params: [kind, cause],
    },
  ])
  return Number(counted?.rows[0]?.['flags'] ?? 0)
}

/** Somebody has mended what flagged them: what comes now counts from one. */
export function removeFlagTimes(kind: string): Statement {
  return { sql: `DELETE FROM flag_times WHERE kind = $1`, params: [kind] }
}

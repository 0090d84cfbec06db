export type SqlValue = string | number | bigint | null

export type Row = Readonly<Record<string, SqlValue>>

/**
 * One statement in the SQL that SQLite and PostgreSQL share: `$1` parameters; TEXT, BIGINT, 0/1 for
 * booleans; times as epoch ms handed in by the process; JSON as TEXT (infrastructure 3.5).
 */
export type Statement = { readonly sql: string; readonly params?: readonly SqlValue[] }

export type Written = { readonly changes: number; readonly rows: readonly Row[] }

/** What we remember between events. `state-store.contract.ts` says what every implementation must do. */
export type StateStore = AsyncDisposable & {
  /** Reads; sees every write that has resolved. */
  readonly read: (statement: Statement) => Promise<readonly Row[]>
  /**
   * All statements or none, in one transaction; resolves once they survive a crash. `rows` are those
   * of a RETURNING. Rejects with `ConstraintBroken` where a unique key forbids it.
   */
  readonly write: (statements: readonly Statement[]) => Promise<readonly Written[]>
  /**
   * Runs `work` while nobody else, in any process, holds one of `keys`. Keys are taken in one order,
   * so two callers never wait for each other in a circle. `held` aborts when the hold was lost.
   * Not re-entrant: `work` must not ask for a key that it holds. `signal` aborted before `work` began:
   * rejects at once with its reason, and nothing is held or waited for any more.
   */
  readonly exclusively: <Result>(
    keys: readonly string[],
    work: (held: AbortSignal) => Promise<Result>,
    signal?: AbortSignal,
  ) => Promise<Result>
}

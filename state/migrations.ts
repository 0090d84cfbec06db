import type { StateStore } from './state-store.ts'
import { StateRefused } from './state-refused.ts'

export type Migration = { readonly id: string; readonly statements: readonly string[] }

type Deps = {
  readonly store: Pick<StateStore, 'read' | 'write'>
  readonly migrations: readonly Migration[]
  readonly now: () => number
}

/** Runs what has not run yet, each in one transaction with its record, so a crash never leaves half of one. */
export async function migrate({ store, migrations, now }: Deps): Promise<void> {
  await store.write([
    {
      sql: `CREATE TABLE IF NOT EXISTS migrations (
              id TEXT PRIMARY KEY, place BIGINT NOT NULL UNIQUE, applied_at BIGINT NOT NULL)`,
    },
  ])
  const rows = await store.read({ sql: 'SELECT id FROM migrations ORDER BY place' })
  const applied = rows.map((row) => String(row['id']))
  refuseForeign(applied, migrations)
  for (const [place, { id, statements }] of migrations.entries()) {
    if (place < applied.length) continue
    await store.write([
      ...statements.map((sql) => ({ sql })),
      { sql: 'INSERT INTO migrations VALUES ($1, $2, $3)', params: [id, place, now()] },
    ])
  }
}

/** A state that a newer or another program has shaped is left alone. */
function refuseForeign(applied: readonly string[], migrations: readonly Migration[]): void {
  for (const [place, id] of applied.entries()) {
    const known = migrations[place]?.id
    if (known === id) continue
    throw new StateRefused(
      `The state was shaped by migration "${id}" where this version has ${known === undefined ? 'none' : `"${known}"`}. Start the version that wrote it, or a later one.`,
    )
  }
}

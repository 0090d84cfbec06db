import type { System } from '../schemas/record-ref.ts'
import type { Row, Statement, StateStore } from './state-store.ts'

/** How far one list of a system was asked for changes. */
export type Cursor = {
  readonly system: System
  readonly kind: string
  /** Which list: `organisation`, `account`, `account?named=false`. */
  readonly resource: string
  /** Epoch ms: what changed before was found, as well as can be told. */
  readonly at: number
  /** It is not asked for in every interval. */
  readonly isSlow: boolean
  /** Opaque here. */
  readonly position: string
}

export type Cursors = { readonly ofSystem: (system: System) => Promise<readonly Cursor[]> }

/** Where the poller goes on, whichever process it is then. */
export function makeCursors(store: Pick<StateStore, 'read'>): Cursors {
  return {
    async ofSystem(system) {
      const rows = await store.read({
        sql: `SELECT * FROM cursors WHERE system = $1 ORDER BY kind, resource`,
        params: [system],
      })
      return rows.map((row) => toCursor(row, system))
    },
  }
}

function toCursor(row: Row, system: System): Cursor {
  return {
    system,
    kind: String(row['kind']),
    resource: String(row['resource']),
    at: Number(row['at']),
    isSlow: Number(row['is_slow']) === 1,
    position: String(row['position']),
  }
}

export function writeCursor({ system, kind, resource, at, isSlow, position }: Cursor): Statement {
  return {
    sql: `INSERT INTO cursors (system, kind, resource, at, is_slow, position)
          VALUES ($1, $2, $3, $4, $5, $6)
          ON CONFLICT (system, kind, resource) DO UPDATE
            SET at = excluded.at, is_slow = excluded.is_slow, position = excluded.position`,
    params: [system, kind, resource, at, isSlow ? 1 : 0, position],
  }
}

import type { Statement, StateStore } from './state-store.ts'

export type Facts = {
  readonly read: (name: string) => Promise<string | undefined>
  /** Every fact whose name begins like this, by its whole name. */
  readonly readAll: (prefix: string) => Promise<ReadonlyMap<string, string>>
}

/** Single things worth remembering: the moment of first connection, the stored token, who is alive. */
export function makeFacts(store: Pick<StateStore, 'read'>): Facts {
  return {
    async read(name) {
      const [row] = await store.read({
        sql: `SELECT value FROM facts WHERE name = $1`,
        params: [name],
      })
      return row === undefined ? undefined : String(row['value'])
    },
    async readAll(prefix) {
      const rows = await store.read({
        sql: `SELECT name, value FROM facts WHERE name >= $1 AND name < $2 ORDER BY name`,
        params: [prefix, `${prefix}\u{10FFFF}`],
      })
      return new Map(rows.map((row) => [String(row['name']), String(row['value'])]))
    },
  }
}

export function writeFact(name: string, value: string): Statement {
  return {
    sql: `INSERT INTO facts (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    params: [name, value],
  }
}

/** Keeps what stands: the first who says it is right. */
export function writeFactOnce(name: string, value: string): Statement {
  return {
    sql: `INSERT INTO facts (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`,
    params: [name, value],
  }
}

export function removeFact(name: string): Statement {
  return { sql: `DELETE FROM facts WHERE name = $1`, params: [name] }
}

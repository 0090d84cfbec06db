import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { StatementFailed } from '../statement-failed.ts'
import type { Row, SqlValue, Statement, Written } from '../state-store.ts'

/** Texts are few, for values go in as parameters; a caller that builds texts must not fill the memory. */
const MAX_PREPARED = 500

type Prepared = { readonly statement: StatementSync; readonly params: number }

export type StatementRunner = {
  readonly rows: (statement: Statement) => readonly Row[]
  readonly run: (statement: Statement) => Written
}

/** Runs the SQL that PostgreSQL understands too, and is as strict about its parameters. */
export function makeStatementRunner(db: DatabaseSync): StatementRunner {
  const known = new Map<string, Prepared>()
  const count = db.prepare('SELECT total_changes() AS total, changes() AS latest')
  const counts = () => {
    const row = count.get()
    return { total: Number(row?.['total']), latest: Number(row?.['latest']) }
  }

  const prepare = (sql: string): Prepared => {
    const found = known.get(sql)
    if (found !== undefined) return found
    const statement = db.prepare(sql)
    statement.setReadBigInts(true)
    const prepared = { statement, params: highestParam(sql) }
    const [eldest] = known.size >= MAX_PREPARED ? known.keys() : []
    if (eldest !== undefined) known.delete(eldest)
    known.set(sql, prepared)
    return prepared
  }

  const rows: StatementRunner['rows'] = ({ sql, params = [] }) => {
    const prepared = prepare(sql)
    if (prepared.params !== params.length) {
      throw new StatementFailed(
        `A statement has ${prepared.params} parameters and was given ${params.length}: ${sql}`,
      )
    }
    return prepared.statement.all(toNamed(params)).map(toRow)
  }

  return {
    rows,
    run: (statement) => {
      const before = counts()
      const returned = rows(statement)
      const after = counts()
      // `changes()` alone would still tell of the statement before, if this one only reads.
      return { changes: after.total === before.total ? 0 : after.latest, rows: returned }
    },
  }
}

/** SQLite takes `$1` as the name of a parameter. */
function toNamed(params: readonly SqlValue[]): Record<string, SQLInputValue> {
  const named: Record<string, SQLInputValue> = {}
  for (const [index, value] of params.entries()) named[`$${index + 1}`] = toInput(value, index + 1)
  return named
}

function toInput(value: SqlValue, place: number): SQLInputValue {
  // Else the driver binds 5 as 5.0, and a TEXT column would keep "5.0".
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
  if (typeof value === 'string' && value.includes('\0')) {
    throw new StatementFailed(
      `Parameter $${place} holds the character U+0000, which no store keeps.`,
    )
  }
  return value
}

function toRow(row: Record<string, unknown>): Row {
  const entries = Object.entries(row).map(([column, value]) => [column, toSqlValue(value)] as const)
  return Object.fromEntries(entries)
}

function toSqlValue(value: unknown): SqlValue {
  if (typeof value === 'bigint') {
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : value
  }
  if (typeof value === 'string' || typeof value === 'number' || value === null) return value
  throw new StatementFailed('A column holds bytes; the state keeps text and numbers only.')
}

/** Quoted text may hold a dollar sign of its own. */
function highestParam(sql: string): number {
  const numbers = [...sql.replace(/'[^']*'/g, '').matchAll(/\$(\d+)/g)].map(([, n]) => Number(n))
  return Math.max(0, ...numbers)
}

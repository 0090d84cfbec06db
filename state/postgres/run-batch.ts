import type { ClientBase, Connection, Submittable } from 'pg'
import type { Row, SqlValue, Statement, Written } from '../state-store.ts'
import { StatementFailed } from '../statement-failed.ts'
import { StateUnavailable } from '../state-unavailable.ts'
import { toSqlValue } from './to-sql-value.ts'

type Field = { readonly name: string; readonly dataTypeID: number }

/**
 * Sends all statements at once and waits for one answer: what stands before one Sync is one
 * transaction, all or nothing, committed before the server is ready again. One round trip, however
 * many statements. No answer within `answerMs`: the connection is cut, and what became of it is unknown.
 */
export function runBatch(
  client: ClientBase,
  statements: readonly Statement[],
  answerMs: number,
): Promise<readonly Written[]> {
  return new Promise((resolve, reject) => {
    for (const statement of statements) refuseNul(statement)
    const written: Written[] = []
    let fields: readonly Field[] = []
    let rows: Row[] = []
    let cut = () => {}
    const late = setTimeout(() => {
      reject(new StateUnavailable(`PostgreSQL gave no answer for ${answerMs} ms.`))
      cut()
    }, answerMs)

    const batch = {
      submit: (connection: Connection) => {
        cut = () => void connection.stream.destroy()
        connection.stream.cork()
        for (const { sql, params = [] } of statements) send(connection, sql, params)
        connection.sync()
        connection.stream.uncork()
      },
      handleRowDescription: (message: { readonly fields: readonly Field[] }) => {
        fields = message.fields
      },
      handleDataRow: (message: { readonly fields: readonly (string | null)[] }) => {
        rows.push(toRow(fields, message.fields))
      },
      handleCommandComplete: ({ text }: { readonly text: string }) => {
        written.push({ changes: toChanges(text), rows })
        rows = []
      },
      handleEmptyQuery: () => void written.push({ changes: 0, rows: [] }),
      handleReadyForQuery: () => {
        clearTimeout(late)
        resolve(written)
      },
      handleError: (error: unknown) => {
        clearTimeout(late)
        reject(error instanceof Error ? error : new Error(String(error)))
      },
    } satisfies Submittable & Record<string, unknown>
    client.query(batch)
  })
}

function send(connection: Connection, sql: string, params: readonly SqlValue[]): void {
  const values = params.map((value) => (value === null ? null : String(value)))
  connection.parse({ name: '', text: sql, types: [] }, true)
  connection.bind({ values }, true)
  connection.describe({ type: 'P', name: '' }, true)
  connection.execute({ portal: '' }, true)
}

function refuseNul({ params = [] }: Statement): void {
  const place = params.findIndex((value) => typeof value === 'string' && value.includes('\0'))
  if (place < 0) return
  throw new StatementFailed(
    `Parameter $${place + 1} holds the character U+0000, which no store keeps.`,
  )
}

function toRow(fields: readonly Field[], texts: readonly (string | null)[]): Row {
  const entries = fields.map(
    ({ name, dataTypeID }, index) => [name, toSqlValue(texts[index] ?? null, dataTypeID)] as const,
  )
  return Object.fromEntries(entries)
}

/** `INSERT 0 3`, `UPDATE 3`, `DELETE 3`; a `SELECT 3` changed nothing. */
function toChanges(tag: string): number {
  const [, count] = /^(?:INSERT \d+|UPDATE|DELETE) (\d+)$/.exec(tag) ?? []
  return Number(count ?? 0)
}

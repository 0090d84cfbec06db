import type { DatabaseSync } from 'node:sqlite'
import { StatementFailed } from '../statement-failed.ts'
import type { Statement } from '../state-store.ts'
import type { Flaw, ReadOutcome, WriteOutcome } from './messages.ts'
import type { StatementRunner } from './statement-runner.ts'

export type StateWriter = {
  readonly writeGroup: (writes: readonly (readonly Statement[])[]) => readonly WriteOutcome[]
  readonly read: (statement: Statement) => ReadOutcome
}

/** Many writes, one commit, one wait for the disk; one whose statements are flawed fails alone. */
export function makeStateWriter(db: DatabaseSync, runner: StatementRunner): StateWriter {
  const begin = db.prepare('BEGIN IMMEDIATE')
  const commit = db.prepare('COMMIT')
  const save = db.prepare('SAVEPOINT one_write')
  const release = db.prepare('RELEASE one_write')
  const undo = db.prepare('ROLLBACK TO one_write')

  const writeOne = (statements: readonly Statement[]): WriteOutcome => {
    save.run()
    try {
      const written = statements.map(runner.run)
      release.run()
      return { kind: 'written', written }
    } catch (error) {
      const flaw = toFlaw(error)
      if (flaw === undefined) throw error
      undo.run()
      release.run()
      return flaw
    }
  }

  return {
    writeGroup: (writes) => {
      begin.run()
      try {
        const outcomes = writes.map(writeOne)
        commit.run()
        return outcomes
      } catch (error) {
        if (db.isTransaction) db.exec('ROLLBACK')
        throw error
      }
    },
    read: (statement) => {
      try {
        return { kind: 'rows', rows: runner.rows(statement) }
      } catch (error) {
        const flaw = toFlaw(error)
        if (flaw === undefined) throw error
        return flaw
      }
    },
  }
}

/** UNIQUE, PRIMARY KEY and ROWID. */
const UNIQUE_CODES = [2067, 1555, 2579]
/** ERROR, TOOBIG, CONSTRAINT, MISMATCH, RANGE; all else is the disk's or the memory's. */
const STATEMENT_CODES = [1, 18, 19, 20, 25]

function toFlaw(error: unknown): Flaw | undefined {
  if (error instanceof StatementFailed) return { kind: 'statement', why: error.message }
  if (!(error instanceof Error)) return undefined
  const code = 'errcode' in error ? Number(error.errcode) : undefined
  if (code === undefined) return { kind: 'statement', why: error.message } // the driver refused a value
  if (UNIQUE_CODES.includes(code)) return { kind: 'constraint', why: error.message }
  if (STATEMENT_CODES.includes(code % 256)) return { kind: 'statement', why: error.message }
  return undefined
}

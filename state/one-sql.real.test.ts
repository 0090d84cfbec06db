// One SQL for both stores: what the product remembers, and every text of a statement, on each of them.
import assert from 'node:assert/strict'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { openEmbeddedState } from './embedded-state.ts'
import { openPostgresState } from './postgres-state.ts'
import { startPostgres } from './postgres.fixture.ts'
import type { TestPostgres } from './postgres.fixture.ts'
import { relationsContract } from './relations.contract.ts'
import { rememberingContract } from './remembering.contract.ts'
import { missesContract } from './misses.contract.ts'
import { pollingContract } from './polling.contract.ts'
import { migrations } from './schema.ts'
import type { StateStore } from './state-store.ts'
import { backfillsContract } from './backfills.contract.ts'
import { versionsContract } from './versions.contract.ts'

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.stop())

const openEmbedded = async () => {
  const dir = mkdtempSync(join(tmpdir(), 'state-'))
  const store = await openEmbeddedState({ dir, migrations })
  const close = async () => {
    await store[Symbol.asyncDispose]()
    rmSync(dir, { recursive: true })
  }
  return { store, close }
}
const openPostgres = async () => {
  const store = await openPostgresState({ url: await postgres.createDatabase(), migrations })
  return { store, close: async () => store[Symbol.asyncDispose]() }
}

rememberingContract({ name: 'the embedded state', open: openEmbedded })
rememberingContract({ name: 'the PostgreSQL state', open: openPostgres })
relationsContract({ name: 'the PostgreSQL state', open: openPostgres })
versionsContract({ name: 'the PostgreSQL state', open: openPostgres })
backfillsContract({ name: 'the PostgreSQL state', open: openPostgres })
missesContract({ name: 'the PostgreSQL state', open: openPostgres })
pollingContract({ name: 'the PostgreSQL state', open: openPostgres })

describe('every SQL text of the product is understood by', () => {
  const texts = findTexts()

  test('somebody: there are texts to look at', () => {
    assert.ok(texts.length > 40)
  })

  // prettier-ignore
  const asks = [
    { says: 'the embedded state',   open: openEmbedded, ask: explain },
    { says: 'the PostgreSQL state', open: openPostgres, ask: prepare },
  ]
  test.each(asks)('$says', async ({ open, ask }) => {
    const { store, close } = await open()
    const refused: string[] = []
    for (const { file, sql } of texts) {
      await ask(store, sql).catch((error: unknown) => refused.push(`${file}: ${String(error)}`))
    }
    await close()
    assert.deepEqual(refused, [])
  })
})

async function explain(store: StateStore, sql: string): Promise<void> {
  const params = Array.from({ length: highestParam(sql) }, () => null)
  await store.read({ sql: `EXPLAIN ${sql}`, params })
}

async function prepare(store: StateStore, sql: string): Promise<void> {
  await store.write([{ sql: `PREPARE one_text AS ${sql}` }, { sql: 'DEALLOCATE one_text' }])
}

/** As they stand in the sources of every room; lists of parameters shortened to one. */
function findTexts(): readonly { readonly file: string; readonly sql: string }[] {
  const root = join(import.meta.dirname, '..')
  return globSync('{state,event-log,clients,sdk,gateway,consumers,ops,start}/**/*.ts', {
    cwd: root,
  })
    .filter(
      (file) =>
        !/(\.test|\.contract|\.fixture)\.ts$|(state|event-log)\/(postgres|embedded)\//.test(file),
    )
    .filter((file) => !file.endsWith('state/migrations.ts'))
    .flatMap((file) => {
      const source = readFileSync(join(root, file), 'utf8')
      return [...source.matchAll(/\bsql: (?:`([^`]+)`|'([^']+)')/g)].map(([, long, short]) => ({
        file,
        sql: toWhole(long ?? short ?? ''),
      }))
    })
}

/** A list of parameters (`marks`, `marksOf(ids, 3)`) comes last; the side of a pair is any of the two. */
function toWhole(text: string): string {
  // Rows of values that are counted by a program: by their name, or the text that was found ends within it.
  const rows = /\(([^)]*)\)\s+VALUES \$\{(?:rows\}|marksOf\(some\.length, \d+\)\}|[^}]*$)/
  const oneRow = text.replace(rows, (_, columns: string) => {
    const marks = columns.split(',').map((_, index) => `$${index + 1}`)
    return `(${columns}) VALUES (${marks.join(', ')})`
  })
  return oneRow.replace(/\$\{([^}]+)\}/g, (_, name: string) => {
    if (name === 'columnOf[side]') return 'workbooks_id'
    assert(name.startsWith('marks'), `Say in this test what \${${name}} stands for: ${text}`)
    return `$${highestParam(oneRow) + 1}`
  })
}

function highestParam(sql: string): number {
  return Math.max(0, ...[...sql.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)))
}

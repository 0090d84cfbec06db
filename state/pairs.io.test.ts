import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'vitest'
import { openEmbeddedState } from './embedded-state.ts'
import { countLinked } from './pairs.ts'
import { migrations } from './schema.ts'
import type { Statement } from './state-store.ts'

test('counting linked pairs reads an index alone, not the memory of each', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'pairs-'))
  const store = await openEmbeddedState({ dir, migrations })
  const asked: Statement[] = []
  const read = (statement: Statement) => {
    asked.push(statement)
    return store.read(statement)
  }
  assert.equal(await countLinked({ read }, 'person'), 0)
  const [{ sql, params = [] } = { sql: '' }] = asked
  const plan = await store.read({ sql: `EXPLAIN QUERY PLAN ${sql}`, params })
  assert.match(JSON.stringify(plan), /COVERING INDEX/)
  await store[Symbol.asyncDispose]()
  await rm(dir, { recursive: true, force: true })
})

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { test } from 'vitest'
import { makeMetrics } from './metrics.ts'

test('every metric stands in docs/operations.md, and none that is not there', async () => {
  const page = await readFile(resolve(import.meta.dirname, '../docs/operations.md'), 'utf8')
  const text = await makeMetrics().text()
  const names = [...text.matchAll(/^# HELP (gateway_\w+) /gm)].map(([, name]) => name ?? '')
  const told = new Set([...page.matchAll(/`(gateway_\w+)`/g)].map(([, name]) => name ?? ''))
  assert.deepEqual([...told].sort(), names.sort())
})

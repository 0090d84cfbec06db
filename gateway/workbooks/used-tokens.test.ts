import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { Statement } from '../../state/state-store.ts'
import { makeUsedTokens } from './used-tokens.ts'

function makeFakes() {
  const stored = new Map<string, number>()
  const fakes = {
    now: 1_000_000,
    isAway: false,
    failures: 0,
    written: [] as Statement[],
  }
  const state = {
    read: ({ params = [] }: Statement) => {
      if (fakes.isAway) return Promise.reject(new Error('the state is away'))
      const [jti, after] = params
      const until = stored.get(String(jti)) ?? 0
      return Promise.resolve(until > Number(after) ? [{ jti: String(jti) }] : [])
    },
    write: (statements: readonly Statement[]) => {
      if (fakes.isAway) return Promise.reject(new Error('the state is away'))
      fakes.written.push(...statements)
      for (const { sql, params = [] } of statements) {
        if (sql.startsWith('INSERT')) stored.set(String(params[0]), Number(params[1]))
      }
      return Promise.resolve([])
    },
  }
  const open = () =>
    makeUsedTokens({
      state,
      now: () => fakes.now,
      signals: { stateAway: () => void (fakes.failures += 1) },
    })
  return { fakes, open }
}

test('a remembered token is known in every process', async () => {
  const { open } = makeFakes()
  await open().remember('a', 1_300_000)
  assert.equal(await open().has('a'), true)
  assert.equal(await open().has('b'), false)
})

test('it is forgotten when it would be refused anyway, and its row goes', async () => {
  const { fakes, open } = makeFakes()
  const tokens = open()
  await tokens.remember('a', 1_300_000)
  fakes.now = 1_300_001
  assert.equal(await tokens.has('a'), false)
  await tokens.remember('b', 1_600_000)
  const purge = fakes.written.filter(({ sql }) => sql.startsWith('DELETE')).at(-1)
  assert.deepEqual(purge?.params, [1_300_001])
})

test('with the state away a process still knows its own', async () => {
  const { fakes, open } = makeFakes()
  const tokens = open()
  fakes.isAway = true
  await tokens.remember('a', 1_300_000)
  assert.equal(await tokens.has('a'), true)
  assert.equal(await tokens.has('b'), false)
  assert.equal(fakes.failures, 2)
})

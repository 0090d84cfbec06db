import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { test } from 'vitest'

const module = new URL('./skip-negative-timeout-warning.ts', import.meta.url).href

/** What a process of its own says on standard error when it asks for a negative timer. */
async function saidAfter(first: string): Promise<string> {
  const load = `const loaded = await import(${JSON.stringify(module)})`
  const script = `${load}; ${first}; setTimeout(() => {}, -1)`
  const args = ['--input-type=module', '-e', script]
  return (await promisify(execFile)(process.execPath, args)).stderr
}

test('Node does not warn of negative timers in kafkajs', async () => {
  assert.match(await saidAfter(''), /TimeoutNegativeWarning/)
  assert.equal(await saidAfter('loaded.skipNegativeTimeoutWarning()'), '')
})

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { test } from 'vitest'
import { readSettings } from './read-settings.ts'
import { renderEnvExample, renderSettingsTable } from './render-settings.ts'
import { everySetting } from './settings.ts'

const root = resolve(import.meta.dirname, '..')

test('.env.example is what the table of settings says', async () => {
  const written = await readFile(resolve(root, '.env.example'), 'utf8')
  assert.equal(written, renderEnvExample(), 'write renderEnvExample() to .env.example again')
})

test('.env.example can be started as it is: nothing in it is set', async () => {
  const written = await readFile(resolve(root, '.env.example'), 'utf8')
  assert.deepEqual({ ...parseEnv(written) }, {})
})

test('with the # taken off, what .env.example shows is no mistake', () => {
  const shown = parseEnv(renderEnvExample().replaceAll(/^#([A-Z])/gm, '$1'))
  const pems = everySetting().filter(([, { example }]) => example.includes('BEGIN'))
  const env = { ...shown, ...Object.fromEntries(pems.map(([, { key }]) => [key, ''])) }
  const plain = { ...env, KAFKA_SASL_MECHANISM: '', OUTREACH_S2S_GUID: '' }
  const answer = readSettings(plain, { hasFile: () => true })
  assert.deepEqual(answer.kind === 'mistakes' ? answer.mistakes : [], [])
})

test('the table for the README has a line for every setting', () => {
  const table = renderSettingsTable()
  for (const [, { key }] of everySetting()) assert.ok(table.includes(`| \`${key}\` |`), key)
})

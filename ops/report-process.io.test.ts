import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'vitest'
import { openEmbeddedState } from '../state/embedded-state.ts'
import { makeFacts, writeFact } from '../state/facts.ts'
import { migrations } from '../state/schema.ts'
import { forgetEveryRole, makeReportProcess } from './report-process.ts'

const dayMs = 24 * 3_600_000
const now = () => 10 * dayMs

async function openState() {
  const dir = mkdtempSync(join(tmpdir(), 'report-'))
  const store = await openEmbeddedState({ dir, migrations })
  const sign = (pid: number, seenAt: number) =>
    store.write([
      writeFact(
        `role:gateway:${pid}`,
        JSON.stringify({ role: 'gateway', pid, process: String(pid), since: 0, seenAt }),
      ),
    ])
  const names = async (prefix: string) => [...(await makeFacts(store).readAll(prefix)).keys()]
  return {
    store,
    sign,
    names,
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]()
      rmSync(dir, { recursive: true })
    },
  }
}

test('a process that was killed is forgotten after a day, one that may live is not', async () => {
  await using state = await openState()
  await state.sign(1, now() - dayMs - 1)
  await state.sign(2, now() - dayMs + 1)
  const report = makeReportProcess({
    store: state.store,
    gates: [],
    spool: undefined,
    roles: ['gateway'],
    pid: 3,
    process: '3',
    outcomeRetentionMs: dayMs,
    now,
    signals: { stateAway: (error) => assert.fail(String(error)) },
  })
  await report.start()
  assert.deepEqual(await state.names('role:'), ['role:gateway:2', 'role:gateway:3'])
  await report.stop()
  assert.deepEqual(await state.names('role:'), ['role:gateway:2'])
})

test('whoever opens a state alone forgets all who signed before, and nothing else', async () => {
  await using state = await openState()
  await state.sign(1, now())
  await state.store.write([writeFact('system:outreach', '{}')])
  await state.store.write([forgetEveryRole])
  assert.deepEqual(await state.names('role:'), [])
  assert.deepEqual(await state.names('system:'), ['system:outreach'])
})

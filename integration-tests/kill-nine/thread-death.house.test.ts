import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'vitest'
import { openSystems, toEnv } from './systems.ts'
import { openRecordingDoor } from './recording-door.ts'
import { makeLives } from './lives.ts'
import { findFreePort } from '../start-house.ts'
import { until } from '../open-street.ts'

// In the order in which they are opened.
test.each([
  ['state', 0],
  ['event log', 1],
] as const)(
  'when the thread of the %s dies, the process says so and ends with 70, and the next one goes on',
  async (name, thread) => {
    const dir = await mkdtemp(join(tmpdir(), 'thread-'))
    const [port, opsPort] = [await findFreePort(), await findFreePort()]
    await using stack = new AsyncDisposableStack()
    stack.defer(() => rm(dir, { recursive: true, force: true }))
    const door = await openRecordingDoor(port)
    stack.defer(() => door.close())
    const { outreach, workbooks } = await openSystems(stack, { url: door.url, seed: 1 })
    const env = toEnv({ port, opsPort, dir, outreach, workbooks })
    const lives = makeLives({ dir, env, passesFile: join(dir, 'passes') })
    stack.defer(() => lives.close())

    const at = 'before: call Outreach: create'
    const first = lives.start({ killThread: { at, thread } })
    workbooks.person.create('organisations', {
      name: 'Acme',
      cf_organisation_sync_to_outreach: true,
    })
    assert.deepEqual(await first.ended, { code: 70, signal: null }, first.said())
    assert.match(
      first.said(),
      new RegExp(`"crashed".*The thread of the ${name} ended unexpectedly`),
    )

    const second = lives.start()
    await until('the start', () => second.said().includes('"role":"reconciliation"') || undefined)
    await until('the account', () => outreach.person.list('account')[0])
    await until('the Outreach Id', () =>
      Number(workbooks.person.list('organisations')[0]?.['cf_organisation_outreach_id']) > 0
        ? true
        : undefined,
    )
    assert.equal(outreach.person.list('account').length, 1)
    second.signal('SIGTERM')
    assert.deepEqual(await second.ended, { code: 0, signal: null }, second.said())
  },
)

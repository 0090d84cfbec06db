import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'vitest'
import type { Outcome } from '../../../schemas/outcome.ts'
import { openEmbeddedState } from '../../../state/embedded-state.ts'
import { writeOutcome } from '../../../state/outcomes.ts'
import { migrations } from '../../../state/schema.ts'
import { leftoverMs, publishLeftovers } from './publish-leftovers.ts'
import { makePublishOutcomes } from './publish-outcomes.ts'

const start = Date.UTC(2026, 0, 1)
const record = 'outreach:account:4101'

async function openWorld() {
  const dir = mkdtempSync(join(tmpdir(), 'leftovers-'))
  const store = await openEmbeddedState({ dir, migrations })
  const clock = { now: start }
  const published: string[] = []
  let isAway = false
  const log = {
    append: (entries: readonly { readonly value: Uint8Array }[]) => {
      if (isAway) return Promise.reject(new Error('away'))
      for (const { value } of entries) {
        // What `toOutcomeEntry` printed.
        const { id } = JSON.parse(Buffer.from(value).toString()) as { id: string }
        published.push(id.replace('sync.outcome/', ''))
      }
      return Promise.resolve([])
    },
  }
  const toldAt = (id: string, at: number) => {
    const outcome: Outcome = {
      ...{ outcome: 'updated', kind: 'organisation', system: 'outreach', fields: ['name'] },
      ...{ pair: { workbooks: '226', outreach: '4101' }, reason: null, events: [] },
      ...{ at: new Date(at).toISOString(), calls: 1, delayMs: 1 },
    }
    return { id, outcome }
  }
  const write = async (id: string, at: number) => {
    const told = toldAt(id, at)
    const body = JSON.stringify(told.outcome)
    await store.write(writeOutcome({ id, at, record, records: [record], body }))
    return told
  }
  const now = () => clock.now
  return {
    ...{ clock, published, write },
    setAway: (away: boolean) => {
      isAway = away
    },
    leftovers: (olderThanMs = leftoverMs) => publishLeftovers({ log, store, now }, olderThanMs),
    /** As the process that wrote them does; `whenRefused` runs before it tries again. */
    publisher: (whenRefused: () => Promise<void> = () => Promise.resolve()) =>
      makePublishOutcomes({
        ...{ log, store, now, wait: whenRefused },
        signals: { logAway: () => undefined },
      }),
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]()
      rmSync(dir, { recursive: true })
    },
  }
}

const about = { ref: record, origin: 'webhook', signal: new AbortController().signal } as const

test('outcomes of a process that died are published after a minute, the oldest first, once', async () => {
  await using world = await openWorld()
  await world.write('b', start + 2)
  await world.write('a', start + 1)
  world.clock.now = start + leftoverMs + 1
  await Promise.all([world.leftovers(), world.leftovers()])
  assert.deepEqual(world.published, ['a'])
  world.clock.now += 1
  await world.leftovers()
  assert.deepEqual(world.published, ['a', 'b'])
})

test('who is alone waits for nobody', async () => {
  await using world = await openWorld()
  await world.write('a', start)
  await world.leftovers(0)
  assert.deepEqual(world.published, ['a'])
})

test('what somebody published for a slow process is not published by it again', async () => {
  await using world = await openWorld()
  const told = await world.write('a', start)
  world.setAway(true)
  const publish = world.publisher(async () => {
    world.setAway(false)
    world.clock.now = start + leftoverMs
    await world.leftovers()
  })
  await publish([told], about)
  assert.deepEqual(world.published, ['a'])
})

test('a run that was broken off publishes nothing, and leaves it to whoever looks after leftovers', async () => {
  await using world = await openWorld()
  const told = await world.write('a', start)
  await assert.rejects(world.publisher()([told], { ...about, signal: AbortSignal.abort() }))
  assert.deepEqual(world.published, [])
})

test('an outcome whose writing was answered late is there once', async () => {
  await using world = await openWorld()
  await world.write('a', start)
  await world.write('a', start)
  await world.leftovers(0)
  assert.deepEqual(world.published, ['a'])
})

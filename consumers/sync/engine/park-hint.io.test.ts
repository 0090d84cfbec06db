import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'vitest'
import { openEmbeddedState } from '../../../state/embedded-state.ts'
import { makeParkedLeases } from '../../../state/parked-leases.ts'
import { makeParkedRecords } from '../../../state/parked.ts'
import { migrations } from '../../../state/schema.ts'
import type { StateStore } from '../../../state/state-store.ts'
import type { Hint } from '../hint.ts'
import { makeParkHints, readParkedHint } from './park-hint.ts'

const ref = 'outreach:account:4101'
const hintOf = (id: string): Hint => ({
  ...{ kind: 'organisation', side: 'outreach', id: '4101' },
  events: [
    {
      ...{ id, action: 'updated', origin: 'webhook', updatedAt: 0, changedAt: 0 },
      ...{ changed: {}, before: {}, links: {}, linksBefore: {} },
    },
  ],
})

async function openWorld() {
  const dir = mkdtempSync(join(tmpdir(), 'parked-'))
  const shared = await openEmbeddedState({ dir, migrations })
  const clock = { now: 1_000_000 }
  const now = () => clock.now
  const parked = makeParkedRecords(shared)

  /** A process whose lock lets everybody in; `meanwhile` happens between its first read and its write. */
  const open = (by: string, meanwhile: () => Promise<unknown> = () => Promise.resolve()) => {
    let hasWritten = false
    const store: StateStore = {
      ...shared,
      exclusively: (_, work) => work(new AbortController().signal),
      write: async (statements) => {
        if (!hasWritten) {
          hasWritten = true
          await meanwhile()
        }
        return shared.write(statements)
      },
    }
    const hints = makeParkHints({ store, parked, by, now })
    const park = (id: string, cause = 'record') =>
      hints.park({ ref, hint: hintOf(id), from: undefined, cause, reason: '', also: () => [] })
    return { hints, park }
  }
  const take = async (by: string) => {
    const leases = makeParkedLeases({ store: shared, by, now })
    const [row] = await leases.claim(await leases.due({ kinds: ['organisation'], limit: 1 }))
    assert.ok(row)
    return { ...row, owned: new AbortController().signal }
  }
  return {
    ...{ open, take, clock },
    events: async () => {
      const [row] = await parked.byRecords([ref])
      return row === undefined ? undefined : readParkedHint(row).events.map(({ id }) => id)
    },
    [Symbol.asyncDispose]: async () => {
      await shared[Symbol.asyncDispose]()
      rmSync(dir, { recursive: true })
    },
  }
}

test('two processes park one record at once, past a lock that was lost: both hints stay', async () => {
  await using world = await openWorld()
  const one = world.open('one', () => world.open('other').park('b'))
  assert.equal((await one.park('a')).row.attempts, 2)
  assert.deepEqual(await world.events(), ['b', 'a'])
})

test('... and a hint that joins a row while another is parked on it', async () => {
  await using world = await openWorld()
  await world.open('one').park('a')
  const one = world.open('one', () => world.open('other').hints.join(ref, hintOf('b')))
  await one.park('c')
  assert.deepEqual(await world.events(), ['a', 'b', 'c'])
})

test('... and two that join', async () => {
  await using world = await openWorld()
  await world.open('one').park('a')
  const one = world.open('one', () => world.open('other').hints.join(ref, hintOf('b')))
  assert.equal(await one.hints.join(ref, hintOf('c')), true)
  assert.deepEqual(await world.events(), ['a', 'b', 'c'])
})

test('a hint that would join a row which is handled meanwhile is told so, and not lost', async () => {
  await using world = await openWorld()
  await world.open('one').park('a')
  world.clock.now += 60_000
  const taken = await world.take('other')
  const one = world.open('one', () => world.open('other').hints.release(ref, taken))
  assert.equal(await one.hints.join(ref, hintOf('b')), false)
  assert.equal(await world.events(), undefined)
})

test('whoever handled a row long ago does not take away the one that was parked since', async () => {
  await using world = await openWorld()
  await world.open('one').park('a')
  world.clock.now += 60_000
  const late = await world.take('one')
  world.clock.now += 60_000
  await world.open('other').hints.release(ref, await world.take('other'))
  await world.open('other').park('b')
  await world.open('one').hints.release(ref, late)
  assert.deepEqual(await world.events(), ['b'])
})

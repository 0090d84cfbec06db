import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'vitest'
import { CallFailed, SystemAway } from '../../../clients/errors.ts'
import type { Polling } from '../../../schemas/polling.ts'
import { openEmbeddedState } from '../../../state/embedded-state.ts'
import { writeFact } from '../../../state/facts.ts'
import { writePair } from '../../../state/pairs.ts'
import { migrations } from '../../../state/schema.ts'
import { makeSweep } from './make-sweep.ts'

const polling: Polling = {
  kind: 'organisation',
  workbooks: {
    ...{ type: 'organisation', controller: 'crm/organisations', linkedPassFlags: false },
    columns: {
      ...{ syncToOutreach: 'sync', outreachSyncError: 'error' },
      ...{ outreachDuplicate: null, outreachId: 'outreach_id' },
    },
  },
  outreach: [{ type: 'account', attributes: [], links: [], every: 1, oauthOnly: false }],
  createsFrom: [{}],
}

const paceMs = 3_600_000

/** Three pages of pairs, 1000 to 1299 in Workbooks, and a page that fails as it is told. */
async function openWorld(failOf: (firstId: string) => Error | undefined) {
  const dir = await mkdtemp(join(tmpdir(), 'sweep-'))
  const store = await openEmbeddedState({ dir, migrations })
  const ids = Array.from({ length: 300 }, (_, index) => 1_000 + index)
  await store.write([
    writeFact('connected_at', '1'),
    writeFact('kind:organisation', JSON.stringify({ enabled: true, reason: null })),
    ...ids.map((id) =>
      writePair(
        {
          ...{ kind: 'organisation', workbooksId: `${id}`, outreachId: `${id + 4_000}` },
          ...{ status: 'linked', closedWhy: null, madeFrom: 'neither', idSeen: true, memory: '{}' },
        },
        1,
      ),
    ),
  ])
  const clock = { now: 1_000_000_000 }
  const pages: string[] = []
  const told: string[] = []
  const sweep = makeSweep({
    store,
    pollings: [polling],
    sweepPage: (_, pairs) => {
      const first = pairs[0]?.workbooksId ?? ''
      pages.push(first)
      const failure = failOf(first)
      return failure === undefined ? Promise.resolve([]) : Promise.reject(failure)
    },
    publishFound: async (_, also = []) => {
      await store.write(also)
    },
    paceMs: () => paceMs,
    now: () => clock.now,
    signals: {
      swept: ({ pairs }) => told.push(`swept ${pairs}`),
      sweepPageFailed: ({ kind, from, to }) => told.push(`${kind} ${from} to ${to} failed`),
      sweepFailed: (error) => told.push(String(error)),
    },
  })
  return {
    ...{ pages, told },
    /** Looks in each minute of these hours. */
    async pass(hours: number) {
      for (let minute = 0; minute < hours * 60; minute += 1) {
        clock.now += 60_000
        await sweep.look()
      }
    },
    [Symbol.asyncDispose]: async () => {
      await sweep.stop()
      await store[Symbol.asyncDispose]()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

test('a page that always fails is read once a round, and the others all the same', async () => {
  const about = { system: 'outreach', status: 500 } as const
  const failure = new CallFailed('GET accounts was answered 500', about)
  await using world = await openWorld((first) => (first === '1100' ? failure : undefined))
  await world.pass(6)
  assert.deepEqual(world.pages.slice(0, 3), ['1000', '1100', '1200'])
  assert.ok(world.pages.length <= 6, world.pages.join())
  assert.ok(world.told.includes('organisation 1100 to 1199 failed'), world.told.join())
})

test('while a system is away the sweep stays where it is, and says nothing of its own', async () => {
  const away = new SystemAway('Outreach is away', { system: 'outreach', status: 0 })
  const fails = { left: 3 }
  await using world = await openWorld((first) => {
    if (first !== '1100' || fails.left === 0) return undefined
    fails.left -= 1
    return away
  })
  await world.pass(5)
  assert.deepEqual(world.pages.slice(0, 6), ['1000', '1100', '1100', '1100', '1100', '1200'])
  assert.deepEqual([...new Set(world.told)], ['swept 100'])
})

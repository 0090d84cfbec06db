import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'vitest'
import { toPollings } from '../consumers/to-pollings.ts'
import { openEmbeddedState } from '../state/embedded-state.ts'
import { readPollPace } from '../state/poll-pace.ts'
import { migrations } from '../state/schema.ts'
import type { StateStore } from '../state/state-store.ts'
import { makePaceOf } from './make-pace-of.ts'

let dir: string
let store: StateStore
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pace-'))
  store = await openEmbeddedState({ dir, migrations })
})
afterEach(async () => {
  await store[Symbol.asyncDispose]()
  await rm(dir, { recursive: true, force: true })
})

const pollings = toPollings({})

function aPace({
  isOAuth = true,
  perYear = undefined as number | undefined,
  isAsked = false,
} = {}) {
  const costs: number[] = []
  const paceOf = makePaceOf(
    {
      settings: {
        outreachCallsPerHour: 10_000,
        outreachCallsPerYear: perYear,
        reconcileIntervalSeconds: 60,
      },
      store,
      signals: {
        pollPaceChanged: () => undefined,
        pollingCosts: ({ callsPerYear }) => costs.push(callsPerYear),
      },
      now: Date.now,
      overrides: { pollsWhenAsked: isAsked },
    },
    { outreach: { isOAuth }, pollings },
  )
  return { costs, paceOf }
}

test('server-to-server: what it cannot reach costs nothing, and the status names it', async () => {
  const [all, reached] = [aPace(), aPace({ isOAuth: false })]
  assert.ok((all.costs[0] ?? 0) > (reached.costs[0] ?? 0))
  assert.equal(await reached.paceOf('outreach', pollings), 60)
  const pace = await readPollPace(store, 'outreach')
  assert.match(pace?.reason ?? '', /do not reach emailAddress, phoneNumber/)
})

test('with a yearly budget nobody need be told what polling costs; fewer kinds are polled more often', async () => {
  const { costs, paceOf } = aPace({ perYear: 250_000 })
  assert.deepEqual(costs, [])
  const all = await paceOf('outreach', pollings)
  const one = await paceOf('outreach', pollings.slice(0, 1))
  assert.ok(one < all && one > 60, `${one} s, ${all} s`)
  assert.equal(await paceOf('workbooks', pollings), 60)
})

test('where only operators ask, nothing is due by itself', async () => {
  assert.equal(await aPace({ isAsked: true }).paceOf('outreach', pollings), Infinity)
})

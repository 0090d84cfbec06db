import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'vitest'
import { CallFailed, SetupFault, SystemAway } from '../../clients/errors.ts'
import type { Polling } from '../../schemas/polling.ts'
import { openEmbeddedState } from '../../state/embedded-state.ts'
import { readUnread } from '../../state/poll-pace.ts'
import { migrations } from '../../state/schema.ts'
import { makeVersions } from '../../state/versions.ts'
import { makePollRound } from './make-poll-round.ts'
import { makePublishFound } from './make-publish-found.ts'
import { makeTheirClock } from './their-clock.ts'

const about = { link: 'prospect', type: 'prospect' }
const polling: Polling = {
  kind: 'person',
  workbooks: {
    ...{ type: 'person', controller: 'crm/people', linkedPassFlags: false },
    columns: {
      ...{ syncToOutreach: 's', outreachSyncError: 'e' },
      ...{ outreachDuplicate: null, outreachId: 'o' },
    },
  },
  outreach: [
    { type: 'prospect', attributes: ['firstName'], links: [], every: 1, oauthOnly: false },
    {
      type: 'emailAddress',
      attributes: ['email'],
      links: ['prospect'],
      every: 10,
      oauthOnly: true,
      about,
    },
  ],
  createsFrom: [{}],
}

const noScope = new SetupFault('outreach: no scope', {
  ...{ system: 'outreach', status: 403, mend: 'give it emailAddresses.read' },
})
const broken = new CallFailed('outreach: 500', { system: 'outreach', status: 500 })
const away = new SystemAway('outreach: 429', { system: 'outreach', status: 429 })

/** Intervals of Outreach, of which some lists fail, and how often each list was asked for. */
async function openWorld() {
  const dir = await mkdtemp(join(tmpdir(), 'poll-round-'))
  const store = await openEmbeddedState({ dir, migrations })
  const now = () => Date.parse('2026-03-02T09:15:07Z')
  const failing = new Map<string, Error>()
  let asked: string[] = []
  const toClock = () => makeTheirClock({ elapsedMs: now, theirNow: now })
  const { pollRound } = makePollRound({
    store,
    versions: makeVersions(store),
    outreach: {
      isOAuth: true,
      page: (type) => {
        asked.push(type)
        const error = failing.get(type)
        return error === undefined
          ? Promise.resolve({ records: [], next: undefined })
          : Promise.reject(error)
      },
    },
    workbooks: { page: () => assert.fail('Workbooks is not asked') },
    clocks: { outreach: toClock(), workbooks: toClock() },
    publishFound: makePublishFound({
      ...{ log: { append: () => assert.fail('Nothing changed') }, store, noteFound: () => [], now },
    }),
    ...{ traceparent: () => '00-1-2-01', now },
    signals: { polled: () => undefined, pollFailed: () => undefined },
  })
  let round = 0
  return {
    failing,
    /** So many intervals more; answers how each ended. */
    poll: async (times: number) => {
      const outcomes: string[] = []
      for (let time = 0; time < times; time += 1) {
        round += 1
        const connectedAt = { outreach: 1_772_442_000, workbooks: 1_772_442_000 }
        const { signal } = new AbortController()
        const kinds = [{ polling, connectedAt }]
        const system = 'outreach'
        outcomes.push(await pollRound({ system, kinds, round, isAsked: false, signal }))
      }
      return outcomes
    },
    /** Since it was last looked at. */
    askedFor: (type: string) => {
      const of = asked.filter((one) => one === type)
      asked = asked.filter((one) => one !== type)
      return of.length
    },
    unread: async () => [...(await readUnread(store, 'outreach'))],
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

test('a list of each tenth interval that is refused is asked for in each tenth, and the reason is told until it is read', async () => {
  await using world = await openWorld()
  world.failing.set('emailAddress', noScope)
  assert.deepEqual(new Set(await world.poll(20)), new Set(['read']))
  assert.deepEqual([world.askedFor('emailAddress'), world.askedFor('prospect')], [2, 20])
  assert.deepEqual(await world.unread(), [
    ['person:emailAddress', 'outreach: no scope; give it emailAddresses.read'],
  ])
  world.failing.clear()
  await world.poll(10)
  assert.equal(world.askedFor('emailAddress'), 1)
  assert.deepEqual(await world.unread(), [])
})

test('a list of every interval that fails is asked for in the next, and the others are read meanwhile', async () => {
  await using world = await openWorld()
  world.failing.set('prospect', broken)
  assert.deepEqual(await world.poll(2), ['failed', 'failed'])
  assert.deepEqual([world.askedFor('prospect'), world.askedFor('emailAddress')], [2, 1])
  assert.deepEqual(await world.unread(), [['person:prospect', 'outreach: 500']])
})

test('a system that is away is away for all its lists, and none of them is to blame', async () => {
  await using world = await openWorld()
  world.failing.set('prospect', away)
  assert.deepEqual(await world.poll(1), ['away'])
  assert.equal(world.askedFor('emailAddress'), 0)
  assert.deepEqual(await world.unread(), [])
})

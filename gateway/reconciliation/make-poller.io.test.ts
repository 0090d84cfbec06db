import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'vitest'
import type { Polling } from '../../schemas/polling.ts'
import type { System } from '../../schemas/record-ref.ts'
import { openEmbeddedState } from '../../state/embedded-state.ts'
import { writeFact } from '../../state/facts.ts'
import { removePause, writePause } from '../../state/pauses.ts'
import { beginRound, makePollRounds, writeRequest } from '../../state/poll-rounds.ts'
import { migrations } from '../../state/schema.ts'
import type { RoundOutcome } from './decide-due-at.ts'
import type { Round } from './make-poll-round.ts'
import { makePoller } from './make-poller.ts'

const toPolling = (kind: string): Polling => ({
  kind,
  workbooks: {
    ...{ type: kind, controller: `crm/${kind}`, linkedPassFlags: false },
    columns: {
      ...{ syncToOutreach: 's', outreachSyncError: 'e' },
      ...{ outreachDuplicate: null, outreachId: 'o' },
    },
  },
  outreach: [],
  createsFrom: [],
})

/** Pollers of several processes over one state, and what they polled. */
async function openPollers() {
  const dir = await mkdtemp(join(tmpdir(), 'poller-'))
  const store = await openEmbeddedState({ dir, migrations })
  const at = { ms: 1_000_000 }
  const rounds: Omit<Round, 'signal'>[] = []
  const settled: string[] = []
  const failures: unknown[] = []
  let work: (round: Round) => Promise<RoundOutcome> = () => Promise.resolve('read')
  const make = () =>
    makePoller({
      store,
      pollings: [toPolling('organisation'), toPolling('person')],
      paceOf: (system) => Promise.resolve(system === 'outreach' ? 600 : 60),
      pollRound: ({ signal, ...round }) => {
        rounds.push(round)
        return work({ ...round, signal })
      },
      settleNew: (kinds) => {
        settled.push(...kinds.map(({ polling }) => polling.kind))
        return Promise.resolve()
      },
      now: () => at.ms,
      signals: { pollerFailed: (error) => failures.push(error) },
    })
  const tell = (kind: string, enabled: boolean) =>
    store.write([
      writeFact(`kind:${kind}`, JSON.stringify({ enabled, reason: null })),
      writeFact('connected_at', '900'),
      writeFact('connected_at:person', '950'),
      writeFact('connected_at_workbooks:person', '990'),
    ])
  return {
    ...{ store, at, rounds, settled, failures, make, tell },
    request: (id: string, system: System, kind = '') =>
      store.write([writeRequest({ id, system, kind }, 1)]),
    requests: () => makePollRounds(store).requests(),
    whileRound: (next: typeof work) => (work = next),
    /** Systems that were polled since the last time. */
    polled: () => rounds.splice(0).map(({ system }) => system),
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

test('nothing is polled before the consumers have said which kinds are on, and then only those', async () => {
  await using world = await openPollers()
  const poller = world.make()
  await poller.look()
  assert.ok(!poller.isIdle())
  await world.tell('organisation', false)
  await world.tell('person', true)
  await poller.look()
  assert.deepEqual(world.settled, ['person'])
  assert.deepEqual(
    world.rounds.map(({ kinds }) =>
      kinds.map(({ polling, connectedAt }) => [polling.kind, connectedAt]),
    ),
    [
      [['person', { outreach: 950, workbooks: 990 }]],
      [['person', { outreach: 950, workbooks: 990 }]],
    ],
  )
  assert.ok(poller.isIdle())
})

test('each system has its own pace, and one process follows where another stopped', async () => {
  await using world = await openPollers()
  await world.tell('organisation', true)
  await world.tell('person', true)
  const [one, other] = [world.make(), world.make()]
  await Promise.all([one.look(), other.look()])
  assert.deepEqual(world.polled().sort(), ['outreach', 'workbooks'])
  world.at.ms += 61_000
  await Promise.all([one.look(), other.look()])
  assert.deepEqual(world.polled(), ['workbooks'])
  await one.stop()
  world.at.ms += 540_000
  await other.look()
  assert.deepEqual(world.polled().sort(), ['outreach', 'workbooks'])
  await one.look()
  assert.deepEqual(world.polled(), [])
})

test('an interval that is asked for is of that kind, and goes from the state only when it is over', async () => {
  await using world = await openPollers()
  await world.tell('organisation', true)
  await world.tell('person', true)
  const poller = world.make()
  await poller.look()
  world.polled()
  const request = { id: 'one', system: 'outreach', kind: 'person' } as const
  await world.store.write([writeRequest(request, 1)])
  const during: unknown[] = []
  world.whileRound(async () => {
    during.push(...(await makePollRounds(world.store).requests()))
    return 'read'
  })
  await poller.look()
  assert.deepEqual(during, [request])
  assert.deepEqual(await makePollRounds(world.store).requests(), [])
  const [round] = world.rounds
  assert.deepEqual(
    [round?.system, round?.isAsked, round?.kinds.map(({ polling }) => polling.kind)],
    ['outreach', true, ['person']],
  )
})

test('intervals of one kind, however often they are asked for, do not stand in for those of all', async () => {
  await using world = await openPollers()
  await world.tell('organisation', true)
  await world.tell('person', true)
  const poller = world.make()
  await poller.look()
  world.rounds.length = 0
  for (const id of ['one', 'two', 'three']) {
    world.at.ms += 25_000
    await world.request(id, 'workbooks', 'person')
    await poller.look()
  }
  const kindsOf = ({ kinds }: (typeof world.rounds)[number]) =>
    kinds.map(({ polling }) => polling.kind)
  assert.deepEqual(world.rounds.map(kindsOf), [['person'], ['person'], ['organisation', 'person']])
  assert.deepEqual(
    world.rounds.map(({ round }) => round),
    [1, 1, 2],
  )
})

test('an interval that bears the time of a clock that was ahead stops nobody', async () => {
  await using world = await openPollers()
  await world.tell('organisation', true)
  await world.tell('person', true)
  const ahead = world.at.ms + 3_600_000
  await world.store.write([beginRound('outreach', ahead), beginRound('workbooks', ahead)])
  await world.make().look()
  assert.deepEqual(world.polled().sort(), ['outreach', 'workbooks'])
})

test('nor does the clock of this process, set back', async () => {
  await using world = await openPollers()
  await world.tell('organisation', true)
  await world.tell('person', true)
  const poller = world.make()
  await poller.look()
  world.polled()
  world.at.ms -= 600_000
  await poller.look()
  assert.deepEqual(world.polled().sort(), ['outreach', 'workbooks'])
})

test('what is asked for while the log is away is tried again after half a minute, and stands until then', async () => {
  await using world = await openPollers()
  await world.tell('organisation', true)
  await world.tell('person', true)
  const poller = world.make()
  await poller.look()
  world.polled()
  world.whileRound(() => Promise.reject(new Error('the log is away')))
  await world.request('one', 'outreach')
  for (let second = 0; second < 30; second += 1) {
    await poller.look()
    world.at.ms += 1_000
  }
  assert.deepEqual(world.polled(), ['outreach'])
  assert.equal(world.failures.length, 1)
  world.whileRound(() => Promise.resolve('read'))
  await poller.look()
  assert.deepEqual(world.polled(), ['outreach'])
  assert.deepEqual(await world.requests(), [])
})

test('after an interval that was not read the next one comes in a minute, however long its pace is', async () => {
  await using world = await openPollers()
  await world.tell('organisation', true)
  await world.tell('person', true)
  const poller = world.make()
  world.whileRound(() => Promise.resolve('away'))
  await poller.look()
  world.polled()
  world.at.ms += 60_000
  world.whileRound(() => Promise.resolve('read'))
  await poller.look()
  assert.deepEqual(world.polled().sort(), ['outreach', 'workbooks'])
  world.at.ms += 60_000
  await poller.look()
  assert.deepEqual(world.polled(), ['workbooks'])
})

test('a system that is paused is not called; what was asked for meanwhile is done once it is resumed', async () => {
  await using world = await openPollers()
  await world.tell('organisation', true)
  await world.tell('person', true)
  const poller = world.make()
  const reason = 'Paused by amy'
  await world.store.write([writePause({ what: 'outreach', cause: 'operator', reason, since: 1 })])
  await world.request('one', 'outreach', 'person')
  await poller.look()
  assert.deepEqual(world.polled(), ['workbooks'])
  assert.equal((await world.requests()).length, 1)
  await world.store.write([removePause('outreach')])
  await poller.look()
  assert.deepEqual(world.polled(), ['outreach'])
  assert.deepEqual(await world.requests(), [])
})

test('while one system takes long the other is polled on, and stopping breaks it off', async () => {
  await using world = await openPollers()
  await world.tell('organisation', true)
  await world.tell('person', true)
  const poller = world.make()
  world.whileRound(({ system, signal }) =>
    system === 'workbooks'
      ? Promise.resolve('read')
      : new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('broken off')))
        }),
  )
  const first = poller.look()
  await untilTrue(() => world.rounds.length === 2)
  world.polled()
  world.at.ms += 61_000
  void poller.look()
  await untilTrue(() => world.rounds.length > 0)
  assert.deepEqual(world.polled(), ['workbooks'])
  assert.ok(!poller.isIdle())
  await poller.stop()
  await first
})

async function untilTrue(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve))
}

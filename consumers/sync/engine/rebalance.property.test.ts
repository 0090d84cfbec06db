import assert from 'node:assert/strict'
import fc from 'fast-check'
import { afterEach, beforeEach, test, vi } from 'vitest'
import type { StateStore, Statement } from '../../../state/state-store.ts'
import { StateUnavailable } from '../../../state/state-unavailable.ts'
import { kindDefinitions } from '../kinds/kinds.ts'
import { settleKind } from '../kinds/settle-kind.ts'
import { keepOutcome } from '../pair/settle.ts'
import { toOutcome } from '../pair/to-outcome.ts'
import { HoldLost } from '../pair/work.ts'
import { makeHintQueue } from './hint-queue.ts'
import { makeSyncEngine } from './make-sync-engine.ts'
import { makePublishOutcomes } from './publish-outcomes.ts'
import { makeRebalancedLog } from './rebalanced-log.fixture.ts'
import { makeRunHint } from './run-hint.ts'
import { makeStateBackOff } from './state-back-off.ts'
import { makeTakeEvents } from './take-events.ts'

const [organisation] = kindDefinitions
assert.ok(organisation)
const kind = settleKind(organisation)
const partitions = 3

type Step =
  | { readonly kind: 'append'; readonly record: number; readonly field: string }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'rebalance'; readonly members: readonly number[] }
  | { readonly kind: 'commit' }
  /** So many writes of the state are carried out, and their answers are lost. */
  | { readonly kind: 'lose answers'; readonly count: number }

const member = fc.integer({ min: 0, max: 1 })
const append = fc.record({
  kind: fc.constant('append' as const),
  record: fc.integer({ min: 0, max: 5 }),
  field: fc.constantFrom('name', 'touchedAt', 'naturalName'),
})
const pass = fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 40 }) })
const rebalance = fc.record({
  kind: fc.constant('rebalance' as const),
  members: fc.array(member, { minLength: partitions, maxLength: partitions }),
})
const commit = fc.record({ kind: fc.constant('commit' as const) })
const lose = fc.record({
  kind: fc.constant('lose answers' as const),
  count: fc.integer({ min: 1, max: 3 }),
})
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(append, append, append, pass, pass, pass, rebalance, commit, lose),
  { maxLength: 60 },
)

/** What two processes share, and what went wrong with it. */
function makeWorld() {
  const log = makeRebalancedLog(partitions)
  const written = new Map<string, readonly string[]>()
  const published: string[] = []
  const faults: string[] = log.faults
  let lost = 0
  const store: StateStore = {
    read: ({ params = [] }) => Promise.resolve(params.map((id) => ({ id }))),
    write: (statements: readonly Statement[]) => {
      for (const { sql, params = [] } of statements) {
        if (!sql.startsWith('INSERT INTO outcomes ')) continue
        // The body of an outcome is what the sync printed.
        const { events } = JSON.parse(String(params[3])) as { events: string[] }
        written.set(String(params[0]), events)
      }
      if (lost === 0) return Promise.resolve([])
      lost -= 1
      return Promise.reject(new StateUnavailable('The answer was lost'))
    },
    exclusively: (_, work) => work(new AbortController().signal),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
  const publishTo = (member: number) => ({
    append: (entries: readonly { readonly value: Uint8Array }[]) => {
      for (const { value } of entries) {
        // What `toOutcomeEntry` printed.
        const event: unknown = JSON.parse(Buffer.from(value).toString())
        const { id, data } = event as { id: string; data: { events: string[] } }
        const isOurs = data.events.some((named) => log.owns(member, named))
        if (!isOurs) faults.push(`${member} published ${id}, whose events it had lost`)
        if (published.includes(id)) faults.push(`${id} was published twice`)
        published.push(id)
      }
      return Promise.resolve([])
    },
  })
  return {
    ...{ log, store, publishTo, written, published, faults },
    lose: (count: number) => {
      lost = count
    },
  }
}

type World = ReturnType<typeof makeWorld>

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
const quiet = () => undefined
const now = () => Date.now()
let ids = 0
const newOutcomeId = () => `outcome ${(ids += 1)}`

/** The engine of one process, over a sync that takes its time and then writes. */
function openProcess({ log, store, publishTo, faults }: World, member: number) {
  const queue = makeHintQueue()
  const publish = makePublishOutcomes({
    log: publishTo(member),
    store,
    signals: { logAway: quiet },
    wait,
    now,
  })
  const parking = {
    park: () => Promise.reject(new Error('Nothing is parked here')),
    join: () => Promise.resolve(false),
    release: () => Promise.resolve(),
  }
  const signals = { hintsTaken: quiet, consumerFailed: quiet, outcome: quiet, parked: quiet }
  const stateBackOff = makeStateBackOff({ now })
  const runHint = makeRunHint({
    ...{ kinds: [kind], stateBackOff, parking, publish, newOutcomeId, now, signals },
    syncPair: async ({ hint, signal, told }) => {
      await wait(15)
      if (signal.aborted) throw new HoldLost('lost')
      const named = hint.events.map(({ id }) => id)
      if (new Set(named).size < named.length) faults.push(`${named.join()} are doubled in a hint`)
      if (!named.some((id) => log.owns(member, id)))
        faults.push(`${named.join()} are not ${member}'s`)
      const outcome = toOutcome({ kind, hint, calls: { count: 0 } }, { outcome: 'updated' }, now())
      const one = { id: newOutcomeId(), outcome }
      await store.write(keepOutcome({ kind, hint }, one))
      told.push(one)
      await wait(5)
      return { kind: 'settled' }
    },
    holds: {
      ...{ refresh: () => Promise.resolve(), ofKind: quiet, ofSystem: quiet },
      ...{ pauseKind: () => Promise.resolve(), liftSetup: () => Promise.resolve() },
    },
    keepVersions: () => Promise.resolve(),
    whyOff: quiet,
    isFlood: () => Promise.resolve(false),
    companyMs: () => 20,
  })
  const engine = makeSyncEngine({
    ...{ queue, runHint, stateBackOff, now, signals, gates: [] },
    takeParked: { take: () => Promise.resolve(), free: () => Promise.resolve() },
    holds: { refresh: () => Promise.resolve(), ofSystem: quiet },
  })
  const take = makeTakeEvents({
    ...{ kinds: [kind], store, parking, publish, newOutcomeId, now, wait, signals },
    pairs: {
      byRecords: () => wait(3).then(() => []),
      count: () => Promise.resolve({ pairs: 0, apart: 0 }),
    },
    parked: { byRecords: () => wait(3).then(() => []), count: () => Promise.resolve(0) },
    add: engine.add,
    companyMs: () => 20,
  })
  return { engine, take }
}

function toEvent(record: number, field: string) {
  const id = `event ${(ids += 1)}`
  const event = {
    ...{ specversion: '1.0', id, source: '/outreach', type: 'outreach.account.updated' },
    ...{ origin: 'webhook', time: '2026-01-01T00:00:00Z' },
    data: {
      ...{ action: 'updated', record: { type: 'account', id: String(record) } },
      ...{ changed: { [field]: id }, before: {}, links: {} },
    },
  }
  return { id, value: Buffer.from(JSON.stringify(event)) }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('whoever loses a partition says nothing more of it, and nothing is lost', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      const world = makeWorld()
      const { log, written, published, faults } = world
      const processes = [openProcess(world, 0), openProcess(world, 1)]
      log.join(processes.map(({ take }) => take))
      log.rebalance([0, 1, 0])
      const events: string[] = []
      let lostAnswers = 0
      for (const step of given) {
        if (step.kind === 'append') {
          const { id, value } = toEvent(step.record, step.field)
          events.push(id)
          log.append(step.record % partitions, id, value)
        } else if (step.kind === 'pass') await vi.advanceTimersByTimeAsync(step.ms)
        else if (step.kind === 'rebalance') log.rebalance(step.members)
        else if (step.kind === 'commit') log.commit()
        else {
          lostAnswers += step.count
          world.lose(step.count)
        }
      }
      await vi.advanceTimersByTimeAsync(20_000)
      for (const { engine } of processes) {
        const stopped = engine.stop()
        await vi.advanceTimersByTimeAsync(20_000)
        await stopped
      }
      assert.deepEqual([faults, log.undone()], [[], []])
      const told = [...written.values()].flat()
      assert.deepEqual(
        events.filter((id) => !told.includes(id)),
        [],
      )
      const doubled = events.filter(
        (id) => told.filter((one) => one === id).length > log.handings(id) + lostAnswers,
      )
      assert.deepEqual(doubled, [])
      assert.ok(published.every((id) => written.has(id.replace('sync.outcome/', ''))))
    }),
    { numRuns: 150 },
  )
}, 60_000)

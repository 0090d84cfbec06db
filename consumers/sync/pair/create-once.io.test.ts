import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'vitest'
import { openEmbeddedState } from '../../../state/embedded-state.ts'
import { makeIntents } from '../../../state/intents.ts'
import { makePairs } from '../../../state/pairs.ts'
import { migrations } from '../../../state/schema.ts'
import type { StateStore } from '../../../state/state-store.ts'
import { makeRecords } from '../batching/make-records.ts'
import type { Hint } from '../hint.ts'
import { kindDefinitions } from '../kinds/kinds.ts'
import { settleKind } from '../kinds/settle-kind.ts'
import { makeOwners } from '../owners.ts'
import { makeStages } from '../stages.ts'
import { makeNotedVersions } from './noted-versions.ts'
import { makeSyncPair } from './sync-pair.ts'
import { makeTwoSystems, type TwoSystems } from './two-systems.fixture.ts'

const [definition] = kindDefinitions
assert.ok(definition)
const kind = settleKind(definition)

/** Something that is waited for until it is let through. */
function makeDoor() {
  let open = () => {}
  let arrive = () => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  const reached = new Promise<void>((resolve) => (arrive = resolve))
  return {
    open: () => open(),
    reached,
    pass: () => {
      arrive()
      return opened
    },
  }
}

type Doors = {
  /** Before the first write into the state: it has read and searched, and knows of nobody. */
  readonly beforeIntent?: ReturnType<typeof makeDoor>
  /** Before the create leaves: its intent is written. */
  readonly beforeCreate?: ReturnType<typeof makeDoor>
}

/** A process that holds its keys by a lock which lets everybody in: it was lost, and nobody noticed. */
function openProcess(shared: StateStore, systems: TwoSystems, doors: Doors) {
  let hasWritten = false
  const store: StateStore = {
    ...shared,
    exclusively: (_, work) => work(new AbortController().signal),
    write: async (statements) => {
      if (!hasWritten) await doors.beforeIntent?.pass()
      hasWritten = true
      return shared.write(statements)
    },
  }
  const { outreach, workbooks } = systems.clients(() => doors.beforeCreate?.pass())
  const nobody = { search: () => Promise.resolve([]) }
  let ids = 0
  const syncPair = makeSyncPair({
    ...{ store, outreach, now: Date.now, pairs: makePairs(store), intents: makeIntents(store) },
    relations: { isNamed: () => Promise.resolve(false) },
    requestSync: () => Promise.resolve(),
    linked: () => undefined,
    kindNamed: () => undefined,
    recordsOf: () => makeRecords({ kind, outreach, workbooks }),
    owners: makeOwners({
      ...{ outreach: nobody, workbooks: nobody, now: Date.now },
      rule: { match: 'username', users: {} },
      signals: { ownersUnknown: () => undefined },
    }),
    stages: makeStages({
      ...{ outreach: { ...nobody, isOAuth: true }, workbooks: nobody, table: {}, now: Date.now },
      leftAlone: { say: () => Promise.resolve(), isOver: () => Promise.resolve() },
    }),
    parties: { othersThan: () => Promise.resolve(new Set()) },
    eventsAbout: () => Promise.resolve([]),
    newOutcomeId: (at) => `${at}-${(ids += 1)}-${crypto.randomUUID()}`,
    settings: {
      outreachWebUrl: 'https://outreach.example',
      connectionOf: () => ({ outreach: 0, workbooks: 0 }),
    },
  })
  return (side: 'workbooks' | 'outreach') => {
    const hint: Hint = { kind: kind.name, side, id: '1', events: [] }
    const signal = new AbortController().signal
    return syncPair({
      kind,
      hint,
      keys: [],
      hasWaited: true,
      signal,
      told: [],
      versions: makeNotedVersions(),
    })
  }
}

async function openWorld(side: 'workbooks' | 'outreach') {
  const dir = mkdtempSync(join(tmpdir(), 'once-'))
  const store = await openEmbeddedState({ dir, migrations })
  const systems = makeTwoSystems(kind, side)
  return {
    open: (doors: Doors) => openProcess(store, systems, doors),
    made: () => systems.countOf(side === 'workbooks' ? 'outreach' : 'workbooks'),
    pairs: async () => (await makePairs(store).byRecords(kind.name, side, ['1'])).length,
    intent: () => makeIntents(store).read({ kind: kind.name, source: side, sourceId: '1' }),
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]()
      rmSync(dir, { recursive: true })
    },
  }
}

// The key of the intent forbids the second create, not the lock (architecture, infrastructure 3.5).
const directions = [{ side: 'workbooks' }, { side: 'outreach' }] as const

test.each(directions)(
  'who searched before another wrote its intent creates nothing beside it, from $side',
  async ({ side }) => {
    await using world = await openWorld(side)
    const [late, sending] = [makeDoor(), makeDoor()]
    const first = world.open({ beforeIntent: late })(side)
    await late.reached
    const second = world.open({ beforeCreate: sending })(side)
    await sending.reached
    late.open()
    // The other's create may be on its way: it is looked for again, five seconds later.
    assert.equal((await first).kind, 'look-again')
    sending.open()
    assert.equal((await second).kind, 'settled')
    assert.deepEqual([world.made(), await world.pairs()], [1, 1])
  },
)

test.each(directions)(
  'who searched before another created and remembered it is told of the pair, from $side',
  async ({ side }) => {
    await using world = await openWorld(side)
    const late = makeDoor()
    const first = world.open({ beforeIntent: late })(side)
    await late.reached
    assert.equal((await world.open({})(side)).kind, 'settled')
    late.open()
    assert.equal((await first).kind, 'settled')
    assert.deepEqual([world.made(), await world.pairs()], [1, 1])
    assert.equal(await world.intent(), undefined)
  },
)

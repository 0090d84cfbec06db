import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'vitest'
import { addCalls, hourMs, makeCalls, removeCallsBefore } from './calls.ts'
import { ConstraintBroken } from './constraint-broken.ts'
import { reserveDeletion } from './deletions.ts'
import { makeFacts, removeFact, writeFact, writeFactOnce } from './facts.ts'
import { countFlagged, removeFlagged, writeFlagged } from './flagged.ts'
import {
  dropIntentIfLinked,
  makeIntents,
  removeIntent,
  takeBackIntent,
  writeIntent,
} from './intents.ts'
import { makeJsonFact } from './json-fact.ts'
import { makeOutcomes, markPublished, removeOutcomesBefore, writeOutcome } from './outcomes.ts'
import { countLinked, makePairs, writePair } from './pairs.ts'
import type { Pair } from './pairs.ts'
import { makeParkedRecords, releaseParked, removeParked, writeParked } from './parked.ts'
import type { Parked } from './parked.ts'
import { makePauses, removePause, writePause } from './pauses.ts'
import type { Statement, StateStore } from './state-store.ts'

type Contract = {
  readonly name: string
  /** Opens an empty store, shaped by the product's own migrations. */
  readonly open: () => Promise<{ readonly store: StateStore; readonly close: () => Promise<void> }>
}

const pair: Pair = {
  kind: 'organisation',
  workbooksId: '226',
  outreachId: '4101',
  status: 'linked',
  closedWhy: null,
  madeFrom: 'workbooks',
  idSeen: true,
  memory: '{"name":{"apart":true}}',
}
const parked: Parked = {
  record: 'workbooks:organisation:226',
  kind: 'organisation',
  reason: 'Outreach is away.',
  cause: 'record',
  attempts: 1,
  since: 1_000,
  due: 5_000,
  revision: 0,
  hint: '{}',
}

/** What the product remembers, by every text of SQL in this room. */
export function rememberingContract({ name, open }: Contract): void {
  describe(`${name} remembers`, () => {
    let store: StateStore
    let close: () => Promise<void>
    const write = (...statements: readonly Statement[]) => store.write(statements)
    beforeEach(async () => {
      ;({ store, close } = await open())
    })
    afterEach(() => close())

    test('pairs, found from either record, one linked partner each', async () => {
      const pairs = makePairs(store)
      const closed = { ...pair, outreachId: '7', status: 'closed', closedWhy: 'outreach gone' }
      await write(writePair({ ...closed, memory: '{}' } as Pair, 1), writePair(pair, 2))
      assert.deepEqual(
        (await pairs.byRecords('organisation', 'workbooks', ['226', '9'])).map(
          ({ outreachId }) => outreachId,
        ),
        ['4101', '7'],
      )
      assert.deepEqual(await pairs.byRecords('organisation', 'outreach', ['4101']), [pair])
      assert.deepEqual(await pairs.byRecords('organisation', 'outreach', []), [])
      await assert.rejects(write(writePair({ ...pair, outreachId: '5' }, 3)), ConstraintBroken)
      assert.deepEqual(await pairs.count('organisation'), { pairs: 1, apart: 1 })
      await write(writePair({ ...pair, memory: '{}', idSeen: false }, 4))
      assert.deepEqual(await pairs.count('organisation'), { pairs: 1, apart: 0 })
      assert.deepEqual(await pairs.count('person'), { pairs: 0, apart: 0 })
      const counts = ['organisation', 'person'].map((kind) => countLinked(store, kind))
      assert.deepEqual(await Promise.all(counts), [1, 0])
    })

    test('intents, until they are taken away', async () => {
      const intents = makeIntents(store)
      const of = { kind: 'person', source: 'outreach', sourceId: '9' } as const
      const intent = { ...of, at: 1_790_000_000_000, lookedAt: null, content: '{"a":1}' }
      await write(writeIntent(intent, undefined))
      assert.deepEqual(await intents.read(of), intent)
      await write(writeIntent({ ...intent, lookedAt: 8 }, intent))
      assert.equal((await intents.read(of))?.lookedAt, 8)
      await write(removeIntent(of))
      assert.equal(await intents.read(of), undefined)
    })

    test('whose intent it is: nobody writes over one that is not what he read', async () => {
      const of = { kind: 'person', source: 'outreach', sourceId: '9' } as const
      const first = { ...of, at: 1_790_000_000_000, lookedAt: null, content: '{"a":1}' }
      const looked = { ...first, lookedAt: 8 }
      const second = { ...first, at: first.at + 9_000 }
      const changesOf = async (statement: Statement) => (await write(statement))[0]?.changes
      assert.equal(await changesOf(writeIntent(first, undefined)), 1)
      assert.equal(await changesOf(writeIntent(second, undefined)), 0)
      assert.equal(await changesOf(writeIntent(looked, first)), 1)
      assert.equal(await changesOf(writeIntent(looked, first)), 0)
      assert.equal(await changesOf(writeIntent(second, looked)), 1)
      assert.equal(await changesOf(writeIntent(second, looked)), 0)
      assert.equal(await changesOf(takeBackIntent(first)), 0)
      assert.equal(await changesOf(takeBackIntent(second)), 1)
      assert.equal(await changesOf(writeIntent(second, first)), 0)
    })

    test('an intent is dropped where its record is linked by now, and only there', async () => {
      const ofLinked = [
        { kind: pair.kind, source: 'workbooks', sourceId: pair.workbooksId },
        { kind: pair.kind, source: 'outreach', sourceId: pair.outreachId },
      ] as const
      const ofFree = [
        { kind: pair.kind, source: 'workbooks', sourceId: '7' },
        { kind: pair.kind, source: 'outreach', sourceId: pair.workbooksId },
        { kind: 'person', source: 'workbooks', sourceId: pair.workbooksId },
      ] as const
      const closed: Pair = { ...pair, workbooksId: '7', status: 'closed' }
      await write(writePair(pair, 1), writePair(closed, 1))
      for (const [all, dropped] of [
        [ofLinked, 1],
        [ofFree, 0],
      ] as const) {
        for (const of of all) {
          const intent = { ...of, at: 1, lookedAt: null, content: '{}' }
          const written = await write(writeIntent(intent, undefined), dropIntentIfLinked(of))
          assert.deepEqual(
            written.map(({ changes }) => changes),
            [1, dropped],
          )
        }
      }
    })

    test('outcomes, newest first by record, oldest first to publish, until they are old', async () => {
      const outcomes = makeOutcomes(store)
      const outcome = (n: number) => ({
        id: `000000000000${n}-Ab-b${n}`,
        at: n,
        record: 'workbooks:organisation:226',
        records: ['workbooks:organisation:226', 'outreach:account:4101', 'outreach:account:4101'],
        body: `{"n":${n}}`,
      })
      await write(...[1, 2, 3].flatMap((n) => writeOutcome(outcome(n))))
      assert.deepEqual(await outcomes.byRecord('outreach:account:4101', 2), ['{"n":3}', '{"n":2}'])
      await write(markPublished([outcome(1).id, outcome(3).id]))
      const { id, record, body } = outcome(2)
      assert.deepEqual(await outcomes.unpublished(3, 10), [{ id, record, body }])
      assert.deepEqual(await outcomes.unpublished(1, 10), [])
      assert.deepEqual(
        await outcomes.whichUnpublished([outcome(1).id, outcome(2).id]),
        new Set([outcome(2).id]),
      )
      // Again, after an answer that was lost: nothing changes.
      await write(...writeOutcome(outcome(1)))
      assert.deepEqual(
        (await outcomes.since(outcome(1).id, 10)).map((one) => one.body),
        ['{"n":2}', '{"n":3}'],
      )
      await write(...removeOutcomesBefore(3))
      assert.deepEqual(await outcomes.byRecord('outreach:account:4101', 9), ['{"n":3}'])
    })

    test('parked records, until they are due, released or finished', async () => {
      const records = makeParkedRecords(store)
      await write(writeParked(parked, undefined))
      assert.deepEqual(await records.byRecords([parked.record, 'other']), [parked])
      assert.deepEqual(await records.byRecords([]), [])
      await write(releaseParked('person', 'record', 10), releaseParked('organisation', 'setup', 10))
      assert.equal((await records.byRecords([parked.record]))[0]?.due, 5_000)
      await write(releaseParked('organisation', 'record', 10))
      assert.equal((await records.byRecords([parked.record]))[0]?.due, 10)
      await write(writeParked({ ...parked, attempts: 2 }, parked), removeParked(parked.record, 0))
      assert.deepEqual(await records.byRecords([parked.record]), [
        { ...parked, attempts: 2, revision: 1 },
      ])
      assert.equal(await records.count('organisation'), 1)
      await write(removeParked(parked.record, 1))
      assert.equal(await records.count('organisation'), 0)
    })

    test('a parked record as nobody else has changed it since it was read', async () => {
      const changesOf = async (...of: Parameters<typeof writeParked>) =>
        (await write(writeParked(...of)))[0]?.changes
      assert.equal(await changesOf(parked, undefined), 1)
      assert.equal(await changesOf({ ...parked, attempts: 7 }, undefined), 0)
      assert.equal(await changesOf({ ...parked, attempts: 2 }, parked), 1)
      assert.equal(await changesOf({ ...parked, attempts: 7 }, parked), 0)
      const [row] = await makeParkedRecords(store).byRecords([parked.record])
      assert.deepEqual([row?.attempts, row?.revision], [2, 1])
    })

    test('pauses and flags', async () => {
      const pause = { what: 'deletes:person', cause: 'brake', reason: 'too many', since: 5 }
      await write(writePause({ ...pause, reason: 'first' }), writePause({ ...pause, since: 6 }))
      assert.deepEqual(await makePauses(store).all(), [pause])
      await write(writeFlagged('person', '1'), writeFlagged('person', '1'))
      assert.equal(await countFlagged(store, 'person'), 1)
      await write(removeFlagged('person', '1'))
      assert.equal(await countFlagged(store, 'person'), 0)
    })

    test('deletions up to a limit, however many ask at once, and none while they are paused', async () => {
      const most = 5
      const reserve = async (kind: string, at = 1_790_000_000_000, since = at - 60_000) =>
        (await write(...reserveDeletion({ kind, at, most, since }))).at(-1)?.changes
      const pause = { what: 'deletes:person', cause: 'brake', reason: 'too many', since: 5 }
      await write(writePause(pause))
      assert.equal(await reserve('person'), 0)
      await write(removePause('deletes:person'))
      const asked = Array.from({ length: 20 }, () => reserve('person'))
      const changes = await Promise.all(asked)
      assert.equal(changes.filter((changed) => changed === 1).length, most)
      assert.equal(await reserve('organisation'), 1)
      assert.equal(await reserve('person', 1_790_000_060_001), 1)
    })

    test('facts, by name and by how the name begins, whatever language the database speaks', async () => {
      const facts = makeFacts(store)
      const names = ['role:A', 'role:b', 'role:C', 'role:ä', 'role', 'roleplay', 'role;', 'ROLE:x']
      await write(...names.map((fact) => writeFact(fact, fact)))
      assert.deepEqual(
        [...(await facts.readAll('role:')).keys()],
        ['role:A', 'role:C', 'role:b', 'role:ä'],
      )
      await write(writeFactOnce('role', 'other'), writeFact('roleplay', 'new'))
      assert.deepEqual([await facts.read('role'), await facts.read('roleplay')], ['role', 'new'])
      await write(removeFact('role'))
      assert.equal(await facts.read('role'), undefined)
      const json = makeJsonFact<{ readonly a: number }>(store, 'json')
      assert.equal(await json.read(), undefined)
      await json.write({ a: 1 })
      assert.deepEqual(await json.read(), { a: 1 })
    })

    test('calls, added up over lanes and hours', async () => {
      const calls = makeCalls(store)
      const of = { system: 'outreach', lane: 'webhook', count: 3 }
      assert.equal(await calls.since('outreach', 0), 0)
      await write(addCalls(of, 5 * hourMs), addCalls(of, 5 * hourMs + 1))
      await write(addCalls({ ...of, lane: 'poll' }, 7 * hourMs))
      assert.deepEqual(
        [await calls.since('outreach', 5 * hourMs), await calls.since('outreach', 6 * hourMs)],
        [9, 3],
      )
      assert.deepEqual(
        await calls.byLane('outreach', 5 * hourMs),
        new Map([
          ['poll', 3],
          ['webhook', 6],
        ]),
      )
      assert.deepEqual(await calls.byLane('workbooks', 0), new Map())
      await write(removeCallsBefore(6 * hourMs))
      assert.equal(await calls.since('outreach', 0), 3)
    })
  })
}

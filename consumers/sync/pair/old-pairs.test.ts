import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { Origin } from '../../../schemas/event.ts'
import type { HintEvent } from '../hint.ts'
import type { PairMemory } from '../merge/memory.ts'
import type { NamedParent } from '../relations/named-parents.ts'
import { isMerelyNamed, isOlderThan, isOnlyBackfilled, markUnasked } from './old-pairs.ts'

const at = Date.UTC(2026, 2, 2, 9) / 1_000
const event = (origin: Origin, action = 'requested'): HintEvent => ({
  ...{ id: origin, origin, action, updatedAt: 0, changedAt: 0 },
  ...{ changed: {}, before: {}, links: {}, linksBefore: {} },
})

test('a row is old by the clock of Workbooks, whatever time it is in Outreach', () => {
  const row = { columns: { updated_at: '2026-03-02T09:00:00Z' } }
  assert.equal(isOlderThan({ outreach: at + 600, workbooks: at }, row), false)
  assert.equal(isOlderThan({ outreach: at - 600, workbooks: at + 1 }, row), true)
})

// prettier-ignore
const askers: readonly { by: HintEvent[]; isOnly: boolean; isNamed: boolean }[] = [
  { by: [event('backfill')],                                  isOnly: true,  isNamed: true },
  { by: [event('backfill'), event('relationship')],           isOnly: false, isNamed: true },
  { by: [event('relationship')],                              isOnly: false, isNamed: true },
  { by: [event('backfill', 'updated')],                       isOnly: false, isNamed: false },
  { by: [event('relationship'), event('webhook', 'updated')], isOnly: false, isNamed: false },
  { by: [event('ops')],                                       isOnly: false, isNamed: false },
  { by: [event('reconciliation', 'updated')],                 isOnly: false, isNamed: false },
]

test.each(askers)('who asks for an old pair: $by', ({ by: events, isOnly, isNamed }) => {
  assert.equal(isOnlyBackfilled({ events }), isOnly)
  assert.equal(isMerelyNamed({ events }), isNamed)
})

const awaited: NamedParent = {
  ...{ field: 'employer_link', parent: 'outreach:account:7', isAwaited: true },
}
const met: PairMemory = { agreed: {}, metAt: at }
const unasked = ['employer_link:unasked outreach:account:7']
const asked = ['employer_link outreach:account:7']
const agreed = { employer_link: { w: null, o: '7' } }

type Case = {
  readonly says: string
  readonly by: Origin
  readonly side?: 'workbooks' | 'outreach'
  readonly memory: PairMemory
  readonly isUnasked: boolean
  readonly isAwaited?: boolean
}

// prettier-ignore
const cases: readonly Case[] = [
  { says: 'an old pair that is read in bulk',           by: 'backfill',       memory: met, isUnasked: true },
  { says: 'an old pair that another record names',      by: 'relationship',   memory: met, isUnasked: true },
  { says: 'an old pair that the poller meets',          by: 'reconciliation', memory: met, isUnasked: true },
  { says: 'an old pair that somebody edits',            by: 'webhook',        memory: met, isUnasked: false },
  { says: 'an old pair that an operator asks for',      by: 'ops',            memory: met, isUnasked: false },
  { says: 'a backfill of Outreach records',             by: 'backfill',       memory: met, isUnasked: false, side: 'outreach' },
  { says: 'a parent that is linked',                    by: 'backfill',       memory: met, isUnasked: false, isAwaited: false },
  { says: 'a pair that is no old one',                  by: 'backfill',       memory: { agreed: {} }, isUnasked: false },
  { says: 'it stays unasked when nobody has a word',    by: 'reconciliation', memory: { ...met, agreed, parents: unasked }, isUnasked: true },
  { says: 'and is asked for at the first word',         by: 'webhook',        memory: { ...met, agreed, parents: unasked }, isUnasked: false },
  { says: 'who was asked for is never unasked again',   by: 'backfill',       memory: { ...met, parents: asked }, isUnasked: false },
  { says: 'an edit that is found after they were met',  by: 'reconciliation', memory: { ...met, agreed }, isUnasked: false },
]

test.each(cases)(
  'whom an old pair names: $says',
  ({ by, side = 'workbooks', memory, isUnasked, isAwaited = true }) => {
    const marked = markUnasked([{ ...awaited, isAwaited }], { events: [event(by)], side }, memory)
    assert.equal(marked[0]?.isUnasked === true, isUnasked)
  },
)

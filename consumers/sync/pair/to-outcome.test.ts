import assert from 'node:assert/strict'
import { test } from 'vitest'
import { organisation } from '../kinds/organisation.ts'
import { settleKind } from '../kinds/settle-kind.ts'
import { toOutcome } from './to-outcome.ts'

const event = (id: string, changedAt: number) => ({
  ...({ id, origin: 'webhook', action: 'updated', updatedAt: 0, changedAt } as const),
  ...{ changed: {}, before: {}, links: {}, linksBefore: {} },
})
const events = [event('e1', 2_000), event('e2', 1_000)]
const work = {
  kind: settleKind(organisation),
  hint: { kind: 'organisation', side: 'outreach', id: '4101', events } as const,
  calls: { count: 3 },
}

test('an outcome says everything that product 4 names', () => {
  const told = {
    workbooks: '226',
    outreach: '4101',
    system: 'workbooks',
    fields: ['name'],
  } as const
  assert.deepEqual(toOutcome(work, { outcome: 'updated', ...told }, 5_000), {
    outcome: 'updated',
    kind: 'organisation',
    pair: { workbooks: '226', outreach: '4101' },
    system: 'workbooks',
    fields: ['name'],
    reason: null,
    at: '1970-01-01T00:00:05.000Z',
    events: ['e1', 'e2'],
    calls: 3,
    // From the first change to the write.
    delayMs: 4_000,
  })
})

test('the record of the hint is named even where nothing else is known', () => {
  const { pair } = toOutcome(work, { outcome: 'gone' }, 5_000)
  assert.deepEqual(pair, { workbooks: null, outreach: '4101' })
})

test('`skipped` has a condition, null where none of the five is meant; others have none', () => {
  const skipped = [{ condition: 2 as const }, {}].map(
    (more) => toOutcome(work, { outcome: 'skipped', ...more }, 0).condition,
  )
  assert.deepEqual(skipped, [2, null])
  assert.ok(!('condition' in toOutcome(work, { outcome: 'unchanged' }, 0)))
})

test('a conflict carries field, winner, loser and the losing value', () => {
  const conflicts = [
    { field: 'name', winner: 'outreach', loser: 'workbooks', losingValue: null },
  ] as const
  assert.equal(toOutcome(work, { outcome: 'conflict', conflicts }, 0).conflicts, conflicts)
})

test('where nothing was written there is no delay', () => {
  assert.equal(toOutcome(work, { outcome: 'unchanged' }, 5_000).delayMs, null)
})

test('a clock that runs ahead makes no negative delay', () => {
  assert.equal(toOutcome(work, { outcome: 'updated', system: 'outreach' }, 500).delayMs, 0)
})

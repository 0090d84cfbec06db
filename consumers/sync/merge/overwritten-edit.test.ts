import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { Field } from '../fields/field.ts'
import type { HintEvent } from '../hint.ts'
import { contactField, mara } from '../members/members.fixture.ts'
import type { OwnPatch, RowWrite } from './memory.ts'
import { findOverwrittenEdits, keepRecentPatches } from './overwritten-edit.ts'

const usual = { direction: 'both', onConflict: 'latest', onLink: 'workbooks' } as const
const name: Field = { ...usual, workbooks: 'name', outreach: 'name', form: 'text' }
const owner: Field = { ...usual, workbooks: 'assigned', outreach: 'owner', form: 'owner' }

// Workbooks changed at 100; somebody in Outreach at 105; our PATCH, read before that, arrived at 110.
const patch: OwnPatch = {
  at: 110_000,
  updatedAt: '1970-01-01T00:01:50.000Z',
  fields: { name: { read: 'old', left: 'ours', w: 'ours', sourceTime: 100 } },
}
const echo: HintEvent = {
  ...{ id: 'e', origin: 'webhook', action: 'updated', updatedAt: 110, changedAt: 0 },
  changed: { name: 'ours' },
  before: { name: 'theirs', updatedAt: '1970-01-01T00:01:45.000Z' },
  ...{ links: {}, linksBefore: {} },
}

type Given = {
  readonly event?: Partial<HintEvent>
  readonly field?: Partial<Field>
  readonly w?: string
  readonly o?: string
}

function find({ event = {}, field = {}, w = 'ours', o = 'ours' }: Given) {
  const found = findOverwrittenEdits({
    ...{ fields: [{ ...name, ...field }], events: [{ ...echo, ...event }] },
    ...{ memory: { agreed: {}, patches: [patch] }, w: { name: w }, o: { name: o } },
  })
  return found.map(({ lost, winner }) => `${String(lost)}: ${winner}`)
}

const early = { name: 'theirs', updatedAt: '1970-01-01T00:01:35.000Z' }

// prettier-ignore
const rows: readonly (Given & { says: string; want: readonly string[] })[] = [
  { says: 'the before is not what we had read: latest, theirs was later',         want: ['theirs: outreach'] },
  { says: 'latest, ours was later',                     event: { before: early },  want: ['theirs: workbooks'] },
  { says: 'a tie goes to Workbooks',                    event: { before: { ...early, updatedAt: '1970-01-01T00:01:40.000Z' } }, want: ['theirs: workbooks'] },
  { says: 'onConflict workbooks',                       field: { onConflict: 'workbooks' }, want: ['theirs: workbooks'] },
  { says: 'onConflict outreach',                        field: { onConflict: 'outreach' }, event: { before: early }, want: ['theirs: outreach'] },
  { says: 'a send field is never restored against its direction', field: { direction: 'send', onConflict: 'outreach' }, want: ['theirs: workbooks'] },
  { says: 'a value that they had cleared',              event: { before: { ...echo.before, name: null } }, want: ['null: outreach'] },
  { says: 'the before is what we had read: nobody was in between', event: { before: { name: 'old' } }, want: [] },
  { says: 'the before is what we left: our own write twice', event: { before: { name: 'ours' } }, want: [] },
  { says: 'an echo that tells no before',               event: { before: {} }, want: [] },
  { says: 'an event of another second is no echo',      event: { updatedAt: 111 }, want: [] },
  { says: 'an echo without updatedAt, of the same second, is one', event: { updatedAt: 0 }, want: ['theirs: outreach'] },
  { says: 'an event with another value is no echo',     event: { changed: { name: 'more' } }, want: [] },
  { says: 'an event about other attributes is no echo', event: { changed: { custom7: 'x' } }, want: [] },
  { says: 'Outreach was edited since: it is named, and nothing is put back', o: 'newer', want: ['theirs: workbooks'] },
  { says: 'Workbooks was edited since: it is named, and nothing is put back', w: 'newer', want: ['theirs: workbooks'] },
  { says: 'it stands there again: it is not lost',      o: 'theirs', want: [] },
]

test.each(rows)('an overwritten edit (rulebook 8): $says', ({ want, ...given }) => {
  assert.deepEqual(find(given), want)
})

test('what our PATCH cleared is left out of the new values, and its echo is one all the same', () => {
  const cleared = { name: { read: 'old', left: null, w: null, sourceTime: 100 } }
  const [found] = findOverwrittenEdits({
    ...{ fields: [name], events: [{ ...echo, changed: {} }] },
    ...{ memory: { agreed: {}, patches: [{ ...patch, fields: cleared }] } },
    ...{ w: { name: null }, o: { name: null } },
  })
  assert.deepEqual([found?.lost, found?.winner], ['theirs', 'outreach'])
})

test('an owner is found in the links', () => {
  const fields = { owner: { read: '1', left: '2', w: 'Amy', sourceTime: 100 } }
  const event = { ...echo, changed: {}, links: { owner: '2' }, linksBefore: { owner: '3' } }
  const [found] = findOverwrittenEdits({
    ...{
      fields: [owner],
      events: [event],
      memory: { agreed: {}, patches: [{ ...patch, fields }] },
    },
    ...{ w: { assigned: 'Amy' }, o: { assigned: '2' } },
  })
  assert.equal(found?.lost, '3')
})

test('a quarter of an hour of patches is kept, five of a record and of each person at most', () => {
  const at = (ms: number) => ({ ...patch, at: ms })
  const minute = 60_000
  const kept = keepRecentPatches([at(0), at(minute)], 15 * minute)
  assert.deepEqual(kept, [at(minute)])
  const many = Array.from({ length: 9 }, (_, index) => at(index))
  assert.deepEqual(keepRecentPatches(many, 10), many.slice(4))
  const row = { id: '612', read: 'Partner', left: null }
  const ofRow = (outreachId: string) => ({ ...at(9), row, fields: { [outreachId]: twoRoles } })
  const rows = [...Array.from({ length: 6 }, () => ofRow('mara')), ofRow('ben')]
  assert.deepEqual(keepRecentPatches([...many, ...rows], 10), [...many.slice(4), ...rows.slice(1)])
})

const twoRoles = { read: ['Buyer', 'Partner'], left: ['Buyer', 'Champion'], w: [], sourceTime: 100 }
const contact = contactField(mara)
const rowOf = (role: string, id = '612') => {
  return { opportunityProspectRole: [{ id, member: '88001', role, updatedAt: '' }] }
}
const gone = {
  opportunityProspectRole: [
    { id: '612', member: '88001', role: 'Blocker', updatedAt: '', isGone: true },
  ],
}
const changedIt = { id: '612', read: 'Partner', left: 'Champion' }
const tookItAway = { id: '612', read: 'Partner', left: null }

type Told = Pick<HintEvent, 'changed' | 'before'> & {
  readonly says: string
  readonly row: RowWrite
  readonly want: readonly unknown[]
}

// prettier-ignore
test.each<Told>([
  { says: 'the row was changed before ours', row: changedIt, changed: rowOf('Champion'), before: rowOf('Blocker'), want: [['Blocker', 'Buyer']] },
  { says: 'nobody was in between', row: changedIt, changed: rowOf('Champion'), before: rowOf('Partner'), want: [] },
  { says: 'it tells of the other row', row: changedIt, changed: rowOf('Champion', '613'), before: rowOf('Blocker', '613'), want: [] },
  { says: 'somebody changed the row after ours', row: changedIt, changed: rowOf('User'), before: rowOf('Blocker'), want: [] },
  { says: 'the row that we took away was changed', row: tookItAway, changed: gone, before: rowOf('Blocker'), want: [['Blocker', 'Buyer']] },
  { says: 'it was as we had read it', row: tookItAway, changed: gone, before: rowOf('Partner'), want: [] },
  { says: 'somebody took away what we had changed', row: changedIt, changed: gone, before: rowOf('Blocker'), want: [] },
])('one of a person’s rows: $says', ({ row, changed, before, want }) => {
  const own: OwnPatch = { ...patch, row, fields: { [contact.outreach]: twoRoles } }
  const found = findOverwrittenEdits({
    ...{ fields: [contact], events: [{ ...echo, changed, before }] },
    ...{ memory: { agreed: {}, patches: [own] }, w: {}, o: { [contact.workbooks]: ['Buyer'] } },
  })
  assert.deepEqual(found.map(({ lost }) => lost), want)
})

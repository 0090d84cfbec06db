import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { Polling } from '../../schemas/polling.ts'
import { evaluateLogic } from './evaluate-logic.fixture.ts'
import { toWorkbooksQuery, type Rows } from './workbooks-query.ts'

const asked: Polling['workbooks'] = {
  ...{ type: 'person', controller: 'crm/people', linkedPassFlags: true },
  columns: {
    ...{ syncToOutreach: 'sync', outreachSyncError: 'error' },
    ...{ outreachDuplicate: 'duplicate', outreachId: 'o_id' },
  },
}

type Row = {
  readonly sync?: boolean
  readonly error?: boolean
  readonly duplicate?: boolean
  readonly isLinked?: boolean
  readonly isDeleted?: boolean
  /** Changed since, and as a walk asks: later than its second. */
  readonly isNew?: boolean
}

const truths: Readonly<Record<string, (row: Row) => boolean>> = {
  'sync true': ({ sync = true }) => sync,
  'error false': ({ error = false }) => !error,
  'duplicate false': ({ duplicate = false }) => !duplicate,
  'o_id blank': ({ isLinked = true }) => !isLinked,
  'o_id not_blank': ({ isLinked = true }) => isLinked,
  'is_deleted true': ({ isDeleted = false }) => isDeleted,
  'is_deleted false': ({ isDeleted = false }) => !isDeleted,
  'updated_at ge': ({ isNew = true }) => isNew,
  'updated_at gt': ({ isNew = true }) => isNew,
  'updated_at eq': () => false,
  'id gt': () => true,
}

function isAskedFor(row: Row, rows: Rows, of = asked): boolean {
  const { filters, logic = '' } = toWorkbooksQuery(of, rows)
  return evaluateLogic(logic, (number) => {
    const filter = filters[number - 1]
    const truth = truths[`${filter?.field ?? ''} ${filter?.type ?? ''}`]
    assert.ok(truth, JSON.stringify(filter))
    return truth(row)
  })
}

const newest: Rows = { kind: 'newest', from: 0 }
const standing: Rows = { kind: 'standing', id: '0' }
const changed: Rows = { kind: 'changed', time: 0, id: '0' }

// prettier-ignore
const cases = [
  { says: 'changed and linked',                                 row: {},                                                newest: true,  standing: false, changed: true },
  { says: 'linked, and not changed',                            row: { isNew: false },                                  newest: false, standing: false, changed: false },
  { says: 'not linked, changed long ago (condition 4)',         row: { isLinked: false, isNew: false },                 newest: true,  standing: true,  changed: false },
  { says: 'Sync to Outreach is FALSE (condition 1)',            row: { sync: false },                                   newest: false, standing: false, changed: false },
  { says: 'not linked, and an error stands (condition 2)',      row: { isLinked: false, error: true },                  newest: false, standing: false, changed: false },
  { says: 'not linked, and a duplicate (condition 3)',          row: { isLinked: false, duplicate: true },              newest: false, standing: false, changed: false },
  { says: 'a linked person with an error, for its opt-out',     row: { error: true },                                   newest: true,  standing: false, changed: true },
  { says: 'a linked person that is a duplicate',                row: { duplicate: true },                               newest: true,  standing: false, changed: true },
  { says: 'deleted lately',                                     row: { isDeleted: true },                               newest: true,  standing: false, changed: true },
  { says: 'deleted long ago, never linked: it stands for ever', row: { isDeleted: true, isLinked: false, isNew: false }, newest: false, standing: false, changed: false },
]

test.each(cases)('rows that are asked for: $says', ({ row, ...expected }) => {
  assert.equal(isAskedFor(row, newest), expected.newest)
  assert.equal(isAskedFor(row, standing), expected.standing)
  assert.equal(isAskedFor(row, changed), expected.changed)
})

test('a linked organisation has no opt-out, and passes nothing', () => {
  const of = { ...asked, linkedPassFlags: false }
  assert.equal(isAskedFor({ error: true }, newest, of), false)
  assert.equal(isAskedFor({}, newest, of), true)
})

test('a kind without the duplicate column is not asked for it', () => {
  const of = { ...asked, columns: { ...asked.columns, outreachDuplicate: null } }
  const { filters } = toWorkbooksQuery(of, newest)
  assert.ok(filters.every(({ field }) => field !== 'duplicate'))
})

test('a walk asks for later seconds, and for later ids in its own; in that order, never by offset', () => {
  const query = toWorkbooksQuery(asked, { kind: 'changed', time: 1_748_855_760, id: '226' })
  const said = query.filters.map(({ field, type, value }) => `${field} ${type} ${String(value)}`)
  assert.ok(said.includes('updated_at gt Mon Jun 02 09:16:00 UTC 2025'))
  assert.ok(said.includes('updated_at eq Mon Jun 02 09:16:00 UTC 2025'))
  assert.ok(said.includes('id gt 226'))
  assert.equal(query.start, 0)
  assert.deepEqual(query.sort, [
    { column: 'updated_at', direction: 'ASC' },
    { column: 'id', direction: 'ASC' },
  ])
})

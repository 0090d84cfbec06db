import assert from 'node:assert/strict'
import { test } from 'vitest'
import { toRowAnswers } from './to-row-answers.ts'
import type { WorkbooksWrite } from './workbooks-client.ts'

const update: WorkbooksWrite = { kind: 'update', id: '226', lockVersion: 3, columns: { name: 'x' } }
const other: WorkbooksWrite = { kind: 'update', id: '9', lockVersion: 1, columns: { name: 'y' } }
const create: WorkbooksWrite = { kind: 'create', columns: { name: 'z' } }
const remove: WorkbooksWrite = { kind: 'delete', id: '7', lockVersion: 2 }

const good = { success: true, errors: {}, warnings: {} }
const elsewhere = 'This record cannot be saved since it has already been updated elsewhere.'
const kinds = (body: Record<string, unknown>, ...rows: readonly WorkbooksWrite[]) =>
  toRowAnswers(body, rows).map(({ kind }) => kind)

test('each row is told by its own information, in the order of the request', () => {
  const answers = toRowAnswers(
    {
      success: true,
      affected_objects: [
        { id: 226, lock_version: 4, name: 'x' },
        { id: 300, lock_version: 0 },
        { id: 7, lock_version: 2 },
        { id: 9, lock_version: 1 },
      ],
      affected_object_information: [
        good,
        { success: true, errors: [], warnings: [] },
        good,
        { success: false, errors: { name: ["can't be blank"], base: ['no'] }, warnings: {} },
      ],
    },
    [update, create, remove, other],
  )
  assert.deepEqual(answers, [
    {
      kind: 'written',
      id: '226',
      lockVersion: 4,
      columns: { id: 226, lock_version: 4, name: 'x' },
    },
    { kind: 'written', id: '300', lockVersion: 0, columns: { id: 300, lock_version: 0 } },
    { kind: 'written', id: '7', lockVersion: 2, columns: { id: 7, lock_version: 2 } },
    { kind: 'refused', columns: ['name'], message: "name: can't be blank; no" },
  ])
})

// prettier-ignore
const single = [
  { says: 'success without information', body: { success: true, affected_objects: [{ id: 226, lock_version: 3 }] }, kind: 'written' },
  { says: 'errors as an empty list', body: { success: true, errors: [], affected_objects: [{ id: 226, lock_version: 3 }] }, kind: 'written' },
  { says: 'information keyed by index', body: { success: true, affected_objects: { 0: { id: 226, lock_version: 4 } }, affected_object_information: { 0: good } }, kind: 'written' },
  { says: 'a stale lock_version in failures', body: { success: false, failures: [elsewhere] }, kind: 'stale' },
  { says: 'failures as an object', body: { success: false, failures: { '226': { base: elsewhere } } }, kind: 'stale' },
  { says: 'failures as a text', body: { success: false, failures: elsewhere }, kind: 'stale' },
  { says: 'a stale row in its information', body: { success: true, affected_object_information: [{ success: false, errors: { base: [elsewhere] } }] }, kind: 'stale' },
  { says: 'a failure, and the row at another version', body: { success: false, failures: ['cannot'], affected_objects: [{ id: 226, lock_version: 7 }] }, kind: 'stale' },
  { says: 'a conflict told in the flash', body: { success: false, flash: elsewhere }, kind: 'stale' },
  { says: 'a conflict told in failure_message', body: { success: false, failure_message: elsewhere }, kind: 'stale' },
  { says: 'a conflict told in a message to the user', body: { success: false, affected_object_information: [{ success: false, errors: {}, message: [{ title: 'Sorry', body: elsewhere }] }] }, kind: 'stale' },
  { says: 'a failure, and a column with the words of a conflict', body: { success: false, failures: ['no'], affected_objects: [{ id: 226, lock_version: 3, notes: elsewhere }] }, kind: 'refused' },
  { says: 'a conflict and no success', body: { failures: [elsewhere] }, kind: 'stale' },
  { says: 'no longer accessible', body: { success: false, failures: ['failed because the record is no longer accessible'] }, kind: 'unseen' },
  { says: 'the old shape of errors', body: { success: false, errors: { '[]': { refcode: "'X1' is already used" } }, affected_object_errors: [{ refcode: ["'X1' is already used"] }] }, kind: 'refused' },
  { says: 'no reason', body: { success: false }, kind: 'refused' },
  { says: 'nothing known', body: {}, kind: 'unanswered' },
  { says: 'success without the row', body: { success: true, affected_objects: [] }, kind: 'unanswered' },
]

test.each(single)('an update answered with $says is $kind', ({ body, kind }) => {
  assert.deepEqual(kinds(body, update), [kind])
})

test('the old shape names its column once', () => {
  const body = {
    success: false,
    errors: { '[]': { refcode: "'X1' is already used" } },
    affected_object_errors: [{ refcode: ["'X1' is already used"] }],
  }
  const message = "refcode: '***' is already used"
  assert.deepEqual(toRowAnswers(body, [create]), [
    { kind: 'refused', columns: ['refcode'], message },
  ])
})

test('rows of a request that failed without a word about them are asked alone', () => {
  assert.deepEqual(kinds({ success: false, failures: [elsewhere] }, update, other), [
    'ask-alone',
    'ask-alone',
  ])
  const oneBlamed = { success: false, affected_object_errors: [{}, { name: ['is taken'] }] }
  assert.deepEqual(kinds(oneBlamed, update, other), ['ask-alone', 'refused'])
})

test('of several rows, the one whose message speaks of a conflict is stale', () => {
  const bad = { success: false, errors: {}, message: [{ title: 'Sorry', body: elsewhere }] }
  const failed = { success: false, errors: { name: ['no'] }, message: [] }
  const body = { success: false, affected_object_information: [bad, failed] }
  assert.deepEqual(kinds(body, update, other), ['stale', 'refused'])
})

test('a row is found by its id where the order differs', () => {
  const body = {
    success: true,
    affected_objects: [
      { id: 9, lock_version: 2 },
      { id: 226, lock_version: 4 },
    ],
    affected_object_information: [good, good],
  }
  const versions = toRowAnswers(body, [update, other]).map((answer) =>
    answer.kind === 'written' ? answer.lockVersion : undefined,
  )
  assert.deepEqual(versions, [4, 2])
})

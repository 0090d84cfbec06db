import assert from 'node:assert/strict'
import fc from 'fast-check'
import { test } from 'vitest'
import { afterStep, planRows, rolesOf, rowsOn } from './rows.ts'

const row = (id: string, role: string) => ({ id, role })

// prettier-ignore
test.each([
  ['nobody becomes a contact', [], ['Partner'], [{ kind: 'add', role: 'Partner' }]],
  ['a role is changed in its row', [row('1', 'Partner')], ['Buyer'], [{ kind: 'change', id: '1', role: 'Buyer' }]],
  ['what is right is kept', [row('1', 'Partner'), row('2', 'Buyer')], ['Buyer', 'Partner'], []],
  ['a second role is added', [row('1', 'Partner')], ['Buyer', 'Partner'], [{ kind: 'add', role: 'Buyer' }]],
  ['one of two goes', [row('1', 'Partner'), row('2', 'Buyer')], ['Partner'], [{ kind: 'remove', id: '2' }]],
  ['all go', [row('1', 'Partner'), row('2', '')], [], [{ kind: 'remove', id: '1' }, { kind: 'remove', id: '2' }]],
  ['a double serves before another is made', [row('1', 'Partner'), row('2', 'Partner')], ['Buyer', 'Partner'], [{ kind: 'change', id: '2', role: 'Buyer' }]],
  ['a double that says the right thing is left alone', [row('1', 'Partner'), row('2', 'Partner')], ['Partner'], []],
] as const)('%s', (...[, rows, wanted, steps]) => {
  assert.deepEqual(planRows(rows, wanted), steps)
})

test('whatever stands, the steps lead to what is wanted, and no row is named twice', () => {
  const roles = fc.array(fc.constantFrom('', 'Partner', 'Buyer', 'Champion'), { maxLength: 5 })
  fc.assert(
    fc.property(roles, fc.uniqueArray(fc.constantFrom('', 'Partner', 'Buyer')), (has, wanted) => {
      const rows = has.map((role, at) => row(String(at + 1), role))
      const steps = planRows(rows, wanted)
      const after = steps.reduce<readonly { id: string; role: string }[]>(
        (so, step) => afterStep(so, step),
        rows,
      )
      assert.deepEqual(new Set(after.map(({ role }) => role)), new Set(wanted))
      const touched = steps.flatMap((step) => ('id' in step ? [step.id] : []))
      assert.equal(new Set(touched).size, touched.length)
    }),
  )
})

test('rows are read by person; what an event says is gone does not count', () => {
  const rows = [
    { id: '1', member: '88001', role: 'Partner', updatedAt: '' },
    { id: '2', member: '88001', role: 'Buyer', updatedAt: '', isGone: true as const },
    { id: '3', member: '88002', role: '', updatedAt: '' },
  ]
  assert.deepEqual(rolesOf(rows, '88001'), ['Partner'])
  assert.deepEqual(rolesOf(rows, '88002'), [''])
  assert.equal(rolesOf(rows, '88003'), null)
  assert.equal(rowsOn({}, 'role'), undefined)
  assert.deepEqual(rowsOn({ role: rows }, 'role'), rows)
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { HintEvent } from '../hint.ts'
import type { OwnPatch } from '../merge/memory.ts'
import { contactsLine } from './members.fixture.ts'
import { areRowsAsAgreed, isRowEcho } from './rows-as-agreed.ts'

const line = contactsLine()
const partner = { w: ['Partner'], o: ['Partner'], says: ['88001', '12'] } as const
const memory = {
  agreed: { [line.workbooks]: { w: null, o: null }, [`${line.workbooks}[12]`]: partner },
}
const row = (member: string, role: string) => ({ id: '612', member, role, updatedAt: '' })
const hangOn = (...rows: readonly object[]) => ({ opportunityProspectRole: rows })

// prettier-ignore
test.each([
  ['what was agreed', hangOn(row('88001', 'Partner')), true],
  ['another role', hangOn(row('88001', 'Buyer')), false],
  ['somebody new', hangOn(row('88001', 'Partner'), row('88002', '')), false],
  ['nobody', hangOn(), false],
  ['rows that cannot be read', {}, true],
] as const)('rows that tell of %s', (_name, attributes, isAgreed) => {
  assert.equal(areRowsAsAgreed(line, memory, attributes), isAgreed)
})

test('before all were agreed on nothing is known', () => {
  const agreed = { [`${line.workbooks}[12]`]: partner }
  assert.equal(areRowsAsAgreed(line, { agreed }, hangOn(row('88001', 'Partner'))), false)
})

const event = (changed: object, before: object = {}): HintEvent => ({
  ...{ id: '1', origin: 'webhook', action: 'updated', updatedAt: 0, changedAt: 0 },
  ...{ changed: { ...changed }, before: { ...before }, links: {}, linksBefore: {} },
})

test('an event tells of our own row, or of an edit', () => {
  const gone = { ...row('88001', 'Partner'), isGone: true }
  assert.equal(isRowEcho(line, event(hangOn(row('88001', 'Partner'))), memory), true)
  assert.equal(isRowEcho(line, event(hangOn(row('88001', 'Buyer'))), memory), false)
  assert.equal(isRowEcho(line, event(hangOn(gone)), memory), false)
  assert.equal(isRowEcho(line, event(hangOn({ ...gone, member: '88009' })), memory), true)
})

test('an echo that shows a role before it which we had neither read nor left is no echo', () => {
  const own = { read: ['Buyer'], left: ['Partner'], w: ['Partner'], sourceTime: 1 }
  const fields = { 'opportunityProspectRole[88001]': own }
  const one = row('88001', 'Partner')
  const written = { id: one.id, read: 'Buyer', left: 'Partner' }
  const patch: OwnPatch = { at: 1, updatedAt: '', row: written, fields }
  const known = { ...memory, patches: [patch] }
  const told = (before: string) => event(hangOn(one), hangOn({ ...one, role: before }))
  assert.equal(isRowEcho(line, told('Buyer'), known), true)
  assert.equal(isRowEcho(line, told('Blocker'), known), false)
})

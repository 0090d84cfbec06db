import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import type { Value } from '../fields/value.ts'
import type { PairMemory, PendingWrite } from './memory.ts'
import { isRendering, settlePending } from './settle-pending.ts'

const before = { agreed: { name: { w: 'old', o: 'old' } } }
const conflict = {
  field: 'name',
  winner: 'workbooks',
  loser: 'outreach',
  losingValue: 'x',
} as const

function pendingTo(system: PendingWrite['system'], was: Value): PairMemory {
  const fields = { name: { from: 'New  Name', sent: 'New  Name', was } }
  return { ...before, pending: { system, fields, conflicts: [conflict] } }
}

// prettier-ignore
const rows = [
  { says: 'what the target holds is what we sent: it is agreed',                    was: 'old', target: 'New  Name', agreed: true,  told: true },
  { says: 'the target formatted it: its rendering is agreed',                       was: 'old', target: 'New Name',  agreed: true,  told: true },
  { says: 'the target still holds what was read there: the write never arrived',    was: 'old', target: 'old',       agreed: false, told: false },
  { says: '... also where that looks like a rendering of it',                       was: 'NEW NAME', target: 'NEW NAME', agreed: false, told: false },
  { says: 'somebody edited it: left to the merge; what we may have overwritten is named', was: 'old', target: 'theirs', agreed: false, told: true },
]

describe.each(['outreach', 'workbooks'] as const)('a lost answer of %s (rulebook 8)', (system) => {
  test.each(rows)('$says', ({ was, target, agreed, told }) => {
    const source = { name: 'New  Name' }
    const there = { name: target }
    const now = system === 'outreach' ? { w: source, o: there } : { w: there, o: source }
    const settled = settlePending(pendingTo(system, was), now)
    const pair = { w: now.w.name, o: now.o.name }
    assert.deepEqual(settled.memory, agreed ? { agreed: { name: pair } } : before)
    assert.deepEqual(settled.arrived?.conflicts ?? [], told ? [conflict] : [])
    assert.deepEqual(settled.arrived?.fields ?? [], agreed ? ['name'] : [])
  })
})

test('an edit of the source since then is still a change', () => {
  const { memory } = settlePending(pendingTo('outreach', 'old'), {
    w: { name: 'Newer' },
    o: { name: 'New  Name' },
  })
  assert.deepEqual(memory.agreed['name'], { w: 'New  Name', o: 'New  Name' })
})

test('an edit that was put back stays a change until the other side has it', () => {
  const fields = { name: { from: 'ours', sent: 'theirs', was: 'ours', isRestored: true as const } }
  const agreed = { name: { w: 'ours', o: 'ours' } }
  const memory: PairMemory = { agreed, pending: { system: 'outreach', fields } }
  const settled = settlePending(memory, { w: { name: 'ours' }, o: { name: 'theirs' } })
  assert.deepEqual(settled.memory, { agreed })
  assert.deepEqual(settled.arrived?.fields, ['name'])
})

test('a field that cannot be read now proves nothing: its write is looked for later', () => {
  const name = { from: 'new', sent: 'new', was: 'old' }
  const contact = { from: null, sent: null, was: ['Partner'] }
  const agreed = { contact: { w: ['Partner'], o: ['Partner'] } }
  const lost = { ...conflict, field: 'contact' }
  const pending: PendingWrite = {
    ...{ system: 'outreach', fields: { name, contact }, conflicts: [lost] },
  }
  const settled = settlePending({ agreed, pending }, { w: { name: 'new' }, o: { name: 'new' } })
  assert.deepEqual(settled.memory, {
    agreed: { ...agreed, name: { w: 'new', o: 'new' } },
    pending: { system: 'outreach', fields: { contact }, conflicts: [lost] },
  })
  assert.deepEqual(settled.arrived, { system: 'outreach', fields: ['name'], conflicts: [] })
  const read = { w: { contact: null }, o: { contact: null } }
  assert.deepEqual(settlePending(settled.memory, read).arrived?.fields, ['contact'])
})

test('without a pending write nothing changes', () => {
  const now = { w: { name: 'a' }, o: { name: 'b' } }
  assert.deepEqual(settlePending(before, now), { memory: before, arrived: undefined })
})

const long = 'Larkfield Instruments and Sons Limited'

// prettier-ignore
const renderings: readonly { says: string; sent: Value; got: Value; is: boolean }[] = [
  { says: 'the same value',                         sent: 'a', got: 'a', is: true },
  { says: 'trimmed inside',                         sent: 'a  b', got: 'a b', is: true },
  { says: 'case and punctuation',                   sent: 'Acme, Ltd.', got: 'ACME LTD', is: true },
  { says: 'composed',                               sent: 'Cafe\u0301', got: 'Café', is: true },
  { says: 'a number with commas',                   sent: 1200, got: '1,200', is: true },
  { says: 'cut at a length that systems cut at',    sent: long, got: long.slice(0, 30), is: true },
  { says: 'a name that a person shortened is none', sent: 'Acme Limited', got: 'Acme', is: false },
  { says: 'another value is none',                  sent: 'Acme', got: 'Acme Ltd', is: false },
  { says: 'another accent is none',                 sent: 'Cafe', got: 'Café', is: false },
  { says: 'another vowel sign is none',             sent: 'कि', got: 'की', is: false },
  { says: 'two blanks',                             sent: null, got: [], is: true },
  { says: 'a blank is none of a value',             sent: 'a', got: null, is: false },
  { says: 'signs alone are compared as they are',   sent: '!!', got: '??', is: false },
]

test.each(renderings)('a rendering: $says', ({ sent, got, is }) => {
  assert.equal(isRendering(sent, got), is)
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import { makeMemberCarrier } from './member-carrier.ts'
import { contactField, mara } from './members.fixture.ts'

const linked = makeMemberCarrier(contactField(mara))

test('roles of a linked person are carried over as they are; nobody is carried over as nobody', () => {
  assert.deepEqual(linked.asOutreach(['Partner']), { kind: 'value', value: ['Partner'] })
  assert.deepEqual(linked.asWorkbooks(['']), { kind: 'value', value: [''] })
  assert.deepEqual(linked.asOutreach(null), { kind: 'value', value: null })
  assert.equal(linked.meansSame([''], null), false)
  assert.equal(linked.meansSame(['Buyer', 'Partner'], ['Buyer', 'Partner']), true)
})

test('what the other side cannot hold is left out with its reason', () => {
  assert.deepEqual(linked.asWorkbooks(['Buyer, Finance']), {
    kind: 'cannot',
    why: 'a role has a comma, which Workbooks takes for the end of it',
  })
  assert.deepEqual(linked.asOutreach(['x'.repeat(256)]), {
    kind: 'cannot',
    why: 'a role has 256 characters, and 255 are allowed',
  })
  const blocked = makeMemberCarrier(contactField({ ...mara, unwritable: 'another role has one' }))
  assert.deepEqual(blocked.asWorkbooks(['Buyer']), { kind: 'cannot', why: 'another role has one' })
  assert.deepEqual(blocked.asOutreach(['Buyer']), { kind: 'value', value: ['Buyer'] })
})

test('who is not linked is waited for, and a stranger is not', () => {
  const person = makeMemberCarrier(contactField({ workbooksId: '12' }))
  assert.deepEqual(person.asOutreach(['Partner']), { kind: 'not-yet' })
  const prospect = makeMemberCarrier(contactField({ outreachId: '88001' }))
  assert.deepEqual(prospect.asWorkbooks(['Partner']), { kind: 'not-yet' })
  const gone = makeMemberCarrier(contactField({ ...mara, goneFrom: 'workbooks' }))
  assert.deepEqual(gone.asOutreach(['Partner']), { kind: 'not-yet' })
  const stranger = makeMemberCarrier(contactField({ workbooksId: '226', isStranger: true }))
  assert.deepEqual(stranger.asOutreach(['Competitor']), {
    kind: 'no-word',
    blankWhenChanged: false,
  })
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import { contactsLine } from './members.fixture.ts'
import { ofMember, toRowEvent } from './row-event.ts'

const { members } = contactsLine()
const record = { type: 'opportunityProspectRole', id: '612' }
const links = { opportunity: '950', prospect: '88017' }
const known = { owner: '950', member: '88017' }

test('a row that was made tells whose role it is, and of which opportunity', () => {
  const changed = { role: 'Champion', updatedAt: '2026-03-02T10:05:00.000Z' }
  const data = { action: 'created', record, changed, before: {}, links }
  const { owner, told } = toRowEvent(data, members, undefined)
  assert.equal(owner, '950')
  assert.equal(told.action, 'updated')
  assert.deepEqual(told.changed, {
    opportunityProspectRole: [
      { id: '612', member: '88017', role: 'Champion', updatedAt: '2026-03-02T10:05:00.000Z' },
    ],
  })
  assert.deepEqual(told.before, {})
})

test('a changed role names its row only: what is known of the row says the rest, else nobody can say', () => {
  const data = {
    ...{ action: 'updated', record, links: {} },
    ...{ changed: { role: 'Champion' }, before: { role: 'Buyer' } },
  }
  assert.equal(toRowEvent(data, members, undefined).owner, undefined)
  const { owner, told } = toRowEvent(data, members, known)
  assert.equal(owner, '950')
  assert.deepEqual(told.before, {
    opportunityProspectRole: [{ id: '612', member: '88017', role: 'Buyer', updatedAt: '' }],
  })
})

test('... until the row is read: what was said of it is kept, and is then told of its person', () => {
  const data = {
    ...{ action: 'updated', record, links: {} },
    ...{ changed: { role: 'Champion' }, before: { role: 'Buyer' } },
  }
  const { told } = toRowEvent(data, members, undefined)
  const { changed, before } = ofMember(members, told, '88017')
  const row = { id: '612', member: '88017', updatedAt: '' }
  assert.deepEqual(changed, { opportunityProspectRole: [{ ...row, role: 'Champion' }] })
  assert.deepEqual(before, { opportunityProspectRole: [{ ...row, role: 'Buyer' }] })
})

test('a row that was removed says so, without a time of its own', () => {
  const changed = { role: 'Buyer', updatedAt: '2026-03-02T10:05:00.000Z' }
  const { told } = toRowEvent(
    { action: 'destroyed', record, changed, before: {}, links },
    members,
    undefined,
  )
  assert.equal(told.updatedAt, 0)
  const [row] = told.changed['opportunityProspectRole'] as readonly { isGone?: true }[]
  assert.equal(row?.isGone, true)
})

test('a change of something else tells of no role, a role that was cleared does', () => {
  const data = { action: 'updated', record, before: {}, links: {} }
  const other = toRowEvent({ ...data, changed: { primary: true } }, members, known)
  assert.deepEqual(other.told.changed, {})
  const cleared = toRowEvent({ ...data, changed: {}, before: { role: 'Buyer' } }, members, known)
  const [row] = cleared.told.changed['opportunityProspectRole'] as readonly { role: string }[]
  assert.equal(row?.role, '')
})

test('a row that moved is about both opportunities', () => {
  const data = { action: 'updated', record, changed: {}, before: {}, links: { opportunity: '951' } }
  const { owner, owners } = toRowEvent(data, members, known)
  assert.equal(owner, undefined)
  assert.deepEqual(owners, ['951', '950'])
})

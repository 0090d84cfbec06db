import assert from 'node:assert/strict'
import { test } from 'vitest'
import { ben, contactField, contactsLine, mara } from './members.fixture.ts'
import { withAbsentMembers, withMembersMet, withoutAbsentMembers } from './members-memory.ts'

const line = contactsLine()
const base = line.workbooks
const met = { [base]: { w: null, o: null } }
const partner = { w: ['Partner'], o: ['Partner'], says: ['88001', '12'] } as const

test('once all were agreed on, a linked person whom nobody knows was on neither side', () => {
  const fields = [line, contactField(mara), contactField(ben)]
  const agreed = { ...met, [`${base}[12]`]: partner }
  const { agreed: now } = withAbsentMembers({ agreed }, fields)
  assert.deepEqual(now[`${base}[12]`], partner)
  assert.deepEqual(now[`${base}[13]`], { w: null, o: null, says: ['88002', '13'] })
  assert.deepEqual(withoutAbsentMembers(now, fields), agreed)
})

test('before that, and where they were waited for, they were never agreed on', () => {
  const fields = [line, contactField(ben)]
  assert.equal(withAbsentMembers({ agreed: {} }, fields).agreed[`${base}[13]`], undefined)
  const awaited = { w: null, o: ['Buyer'], says: ['88002', ''] } as const
  const { agreed } = withAbsentMembers(
    { agreed: { ...met, [`${base}[outreach:88002]`]: awaited } },
    fields,
  )
  assert.deepEqual(agreed, met)
})

test('what was kept of somebody who is no contact any more goes, what is kept of other fields stays', () => {
  const party = { w: '5', o: '4101' }
  const agreed = { ...met, party_id: party, [`${base}[12]`]: partner }
  assert.deepEqual(withAbsentMembers({ agreed }, [line]).agreed, { ...met, party_id: party })
  // Where contacts are left alone, everything known of them is kept.
  assert.deepEqual(withAbsentMembers({ agreed }, []).agreed, agreed)
})

test('that all were agreed on is kept only where contacts were merged', () => {
  assert.deepEqual(withMembersMet({ agreed: {} }, [line]).agreed, met)
  assert.deepEqual(withMembersMet({ agreed: {} }, []).agreed, {})
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import { isEligible } from './is-eligible.ts'
import { organisation } from './organisation.ts'

const { columns: steering } = organisation
const flags = (sync: unknown, error: unknown, duplicate: unknown) => ({
  columns: {
    [steering.syncToOutreach]: sync,
    [steering.outreachSyncError]: error,
    [steering.outreachDuplicate ?? '']: duplicate,
  },
})

// prettier-ignore
const rows = [
  { says: 'all three conditions hold',                              record: flags(true, false, false), fails: undefined },
  { says: 'a flag that was never set is FALSE',                     record: flags(true, null, undefined), fails: undefined },
  { says: 'TRUE as the wire may spell it',                          record: flags('1', '0', 'false'), fails: undefined },
  { says: 'Sync to Outreach is not TRUE',                           record: flags(false, false, false), fails: 1 },
  { says: 'Sync to Outreach was never set',                         record: flags(undefined, false, false), fails: 1 },
  { says: 'Outreach Sync Error is TRUE',                            record: flags(true, true, false), fails: 2 },
  { says: 'Outreach Duplicate is TRUE',                             record: flags(true, false, true), fails: 3 },
  { says: 'of several, the first is named',                         record: flags(false, true, true), fails: 1 },
  { says: 'of 2 and 3, the second is named',                        record: flags(true, true, true), fails: 2 },
]

test.each(rows)('eligibility (rulebook 3): $says', ({ record, fails }) => {
  const eligibility = isEligible(record, steering)
  assert.equal(eligibility.kind === 'ineligible' ? eligibility.condition : undefined, fails)
})

test('the outcome says number and name of the condition (rulebook 3)', () => {
  assert.deepEqual(isEligible(flags(true, true, false), steering), {
    kind: 'ineligible',
    condition: 2,
    why: 'Condition 2 is not met: Outreach Sync Error is TRUE until a person resets it.',
  })
})

test('a kind without the duplicate column knows no condition 3 (rulebook 3, tasks)', () => {
  const record = flags(true, false, true)
  assert.equal(isEligible(record, { ...steering, outreachDuplicate: null }).kind, 'eligible')
})

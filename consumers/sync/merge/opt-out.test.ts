import assert from 'node:assert/strict'
import { test } from 'vitest'
import { decideOptOutSource, makeOptOutCarrier } from './opt-out.ts'

const both = ['optedOut', 'emailOptedOut']
const one = ['optedOut']
const other = ['emailOptedOut']

// prettier-ignore
const rows = [
  { says: 'never agreed: TRUE wins, from Workbooks',                   w: true,  o: [],    agreed: undefined,                        source: 'workbooks', conflict: false },
  { says: 'never agreed: TRUE wins, from Outreach',                    w: false, o: other, agreed: undefined,                        source: 'outreach',  conflict: false },
  { says: 'standing apart is never agreed',                            w: false, o: one,   agreed: { w: true, o: one, apart: true },  source: 'outreach',  conflict: false },
  { says: 'opted out in Workbooks',                                    w: true,  o: [],    agreed: { w: false, o: [] },              source: 'workbooks', conflict: false },
  { says: 'opted out in Outreach',                                     w: false, o: one,   agreed: { w: false, o: [] },              source: 'outreach',  conflict: false },
  { says: 'taken back in Workbooks, TRUE still stands in Outreach',    w: false, o: one,   agreed: { w: true, o: one },              source: 'workbooks', conflict: false },
  { says: 'taken back in Outreach, TRUE still stands in Workbooks',    w: true,  o: [],    agreed: { w: true, o: both },             source: 'outreach',  conflict: false },
  { says: 'taken back in Workbooks, and once more set in Outreach',    w: false, o: both,  agreed: { w: true, o: one },              source: 'outreach',  conflict: true },
  { says: 'one mark for the other in Outreach, taken back in Workbooks', w: false, o: other, agreed: { w: true, o: one },            source: 'outreach',  conflict: true },
  { says: 'TRUE was never agreed by both: a FALSE crosses nothing',    w: false, o: one,   agreed: { w: false, o: one },             source: 'outreach',  conflict: false },
  { says: 'a column that is not shown is no FALSE',                    w: null,  o: one,   agreed: { w: true, o: one },              source: 'outreach',  conflict: false },
] as const

test.each(rows)('$says', ({ w, o, agreed, source, conflict }) => {
  assert.deepEqual(decideOptOutSource({ w, o, agreed }), { source, isConflict: conflict })
})

test('TRUE sets the mark that the mapping names; either mark means No Email; what is not shown means nothing', () => {
  const carrier = makeOptOutCarrier('emailOptedOut')
  assert.deepEqual(carrier.asOutreach(true), { kind: 'value', value: ['emailOptedOut'] })
  assert.deepEqual(carrier.asOutreach(false), { kind: 'value', value: [] })
  assert.deepEqual(carrier.asWorkbooks(['optedOut']), { kind: 'value', value: true })
  assert.equal(carrier.asOutreach(null).kind, 'cannot')
  assert.equal(carrier.asWorkbooks(null).kind, 'cannot')
  assert.deepEqual([carrier.meansSame(true, other), carrier.meansSame(false, [])], [true, true])
  assert.equal(carrier.meansSame(false, one), false)
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import { toSqlValue } from './to-sql-value.ts'

// prettier-ignore
const rows = [
  { says: 'nothing',                        text: null,                type: 20,   value: null },
  { says: 'a BIGINT that is safe',          text: '9007199254740991',  type: 20,   value: 9_007_199_254_740_991 },
  { says: 'a BIGINT that is not',           text: '-9007199254740993', type: 20,   value: -9_007_199_254_740_993n },
  { says: 'a sum of BIGINTs',               text: '12',                type: 1700, value: 12 },
  { says: 'an average',                     text: '1.5000',            type: 1700, value: 1.5 },
  { says: 'a small number',                 text: '-3',                type: 23,   value: -3 },
  { says: 'a number with a point',          text: '0.25',              type: 701,  value: 0.25 },
  { says: 'true',                           text: 't',                 type: 16,   value: 1 },
  { says: 'false',                          text: 'f',                 type: 16,   value: 0 },
  { says: 'text that looks like a number',  text: '007',               type: 25,   value: '007' },
]

test.each(rows)('$says', ({ text, type, value }) => {
  assert.equal(toSqlValue(text, type), value)
})

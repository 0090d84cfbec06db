import assert from 'node:assert/strict'
import { test } from 'vitest'
import { isBlank, sameValue, toMatchKey, type Value } from './value.ts'

// prettier-ignore
const same: readonly { says: string; left: Value; right: Value; is: boolean }[] = [
  { says: 'equal texts',                            left: 'a', right: 'a', is: true },
  { says: 'a number and its text are two values',   left: 1, right: '1', is: false },
  { says: 'equal lists',                            left: ['a', 'b'], right: ['a', 'b'], is: true },
  { says: 'a list in another order is another',     left: ['a', 'b'], right: ['b', 'a'], is: false },
  { says: 'null and [] are both blank',             left: null, right: [], is: true },
  { says: 'FALSE, 0 and blank are three values',    left: false, right: 0, is: false },
]

test.each(same)('the same value: $says', ({ left, right, is }) => {
  assert.equal(sameValue(left, right), is)
  assert.equal(sameValue(right, left), is)
})

test('blank is null or an empty list; 0 and FALSE are not (rulebook 8)', () => {
  assert.deepEqual([null, [], 0, false].map(isBlank), [true, true, false, false])
})

// prettier-ignore
const keys = [
  { says: 'trimmed',               one: '  Acme ', two: 'Acme', is: true },
  { says: 'with case ignored',     one: 'ACME Ltd', two: 'Acme LTD', is: true },
  { says: 'in NFC',                one: 'Cafe\u0301', two: 'CAFÉ', is: true },
  { says: 'other words differ',    one: 'Acme', two: 'Acme Ltd', is: false },
  { says: 'other accents differ',  one: 'Cafe', two: 'Café', is: false },
  { says: 'inner spaces count',    one: 'A B', two: 'A  B', is: false },
]

test.each(keys)('names and e-mails are equal (rulebook 4): $says', ({ one, two, is }) => {
  assert.equal(toMatchKey(one) === toMatchKey(two), is)
})

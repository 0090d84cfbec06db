import { expect, test } from 'vitest'
import { makeTest } from './filter-criterion.ts'
import type { Stored } from './row.ts'
import type { Datatype } from './wire-values.ts'

const now = Date.UTC(2025, 9, 3, 14, 0, 0) / 1000
const context = { timeZone: 'UTC', foldAccents: false, now }
const at = (text: string): number => Date.parse(text) / 1000

// prettier-ignore
test.each<[Datatype, Stored, string, string, boolean]>([
  ['string', 'Acme Ltd', 'eq', 'ACME ltd', true],
  ['string', 'Acme', 'eq', 'Other,Acme', true],
  ['string', 'Acme, Inc.', 'eq', 'Acme\\, Inc.', true],
  ['string', 'Acme, Inc.', 'eq', 'Acme, Inc.', false],
  ['string', 'Acme', 'ne', 'Acme', false],
  ['string', null, 'ne', 'Acme', true],
  ['string', 'Acme Ltd', 'bg', 'acm', true],
  ['string', 'Acme Ltd', 'nbg', 'acm', false],
  ['string', 'Acme Ltd', 'ct', 'me l', true],
  ['string', 'Acme Ltd', 'nct', 'zz', true],
  ['integer', 7, 'eq', '6,7', true],
  ['integer', 7, 'gt', '7', false],
  ['integer', 7, 'ge', '7', true],
  ['integer', 7, 'lt', '8', true],
  ['integer', 7, 'le', '6', false],
  ['integer', 7, 'between', 'JSON([5,7])', true],
  ['integer', 7, 'not_between', 'JSON([5,7])', false],
  ['currency', '100.00 GBP 0', 'gt', '99 GBP', true],
  ['boolean', true, 'true', '', true],
  ['boolean', null, 'false', '', true],
  ['boolean', true, 'eq', '1', true],
  ['boolean', true, 'ne', '0', true],
  ['string', '', 'blank', '', true],
  ['string', 'x', 'not_blank', '', true],
  ['datetime', at('2025-10-03T14:31:20Z'), 'ge', 'Fri Oct 03 14:31:20 UTC 2025', true],
  ['datetime', at('2025-10-03T14:31:20Z'), 'gt', 'Fri Oct 03 14:31:20 UTC 2025', false],
  ['datetime', at('2025-10-03T14:31:20Z'), 'eq', String(at('2025-10-03T14:31:20Z')), true],
  ['datetime', at('2025-10-03T14:31:20Z'), 'eq', '2025-10-03', true],
  ['datetime', at('2025-10-03T14:31:20Z'), 'gt', '2025-10-03', false],
  ['datetime', at('2025-10-03T14:31:20Z'), 'between', 'JSON(["2025-10-01","2025-10-03"])', true],
  ['date', '2025-10-03', 'today', '', true],
  ['date', '2025-10-02', 'lt_today', '', true],
  ['date', '2025-10-03', 'ge_today', '', true],
  ['date', '2025-10-03', 'eq', '3 Oct 2025', true],
  ['var_date_time', '2025-10-03T09:00:00Z', 'lt', '2025-10-04', true],
])('a %s column holding %j is found by %s "%s": %s (3.3)', (...row) => {
  const [datatype, value, type, criterion, expected] = row
  expect(makeTest({ type, criterion }, datatype, context)?.(value)).toBe(expected)
})

test('a filter type that does not exist has no test', () => {
  expect(makeTest({ type: 'like', criterion: 'x' }, 'string', context)).toBeUndefined()
})

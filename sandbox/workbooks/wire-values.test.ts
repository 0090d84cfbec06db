import { expect, test } from 'vitest'
import { defaultFormats } from './format-time.ts'
import type { Stored } from './row.ts'
import { toNestedName } from './wire-names.ts'
import { toStored, toWire } from './wire-values.ts'
import type { Datatype } from './wire-values.ts'

const context = { timeZone: 'Europe/London', homeCurrency: 'GBP' }
const formats = { ...defaultFormats, arraysAs: 'json', timeZone: 'Etc/UTC' } as const

// prettier-ignore
test.each<[Datatype, string, Stored, unknown]>([
  ['datetime', 'Fri Oct 03 14:31:20 UTC 2025', 1759501880, 'Fri Oct 03 14:31:20 UTC 2025'],
  ['datetime', '1759501880', 1759501880, 'Fri Oct 03 14:31:20 UTC 2025'],
  ['datetime', '2023-06-26 10:00', 1687770000, 'Mon Jun 26 09:00:00 UTC 2023'],
  ['date', '2 May 2010', '2010-05-02', ' 2 May 2010'],
  ['date', '31 Dec 2029', '2029-12-31', '31 Dec 2029'],
  ['date', '2023-06-26', '2023-06-26', '26 Jun 2023'],
  ['var_date_time', '2023-09-01', '2023-09-01', '2023-09-01,0,Etc/UTC'],
  ['var_date_time', '2023-09-01T09:00:00Z,1,Etc/UTC', '2023-09-01T09:00:00Z', '2023-09-01T09:00:00.000Z,1,Etc/UTC'],
  ['currency', '100 GBP 0', '100.00 GBP 0', '100.00 GBP 0'],
  ['currency', '12500000 GBP', '12500000.00 GBP 0', '12500000.00 GBP 0'],
  ['currency', '', null, '  0'],
  ['boolean', 'yes', true, true],
  ['boolean', 'perhaps', false, false],
  ['decimal', '10.50', '10.50', '10.50'],
  ['integer', '250', 250, 250],
  ['array', '[12,13]', [12, 13], [12, 13]],
  ['array', '[Partner,Competitor]', ['Partner', 'Competitor'], ['Partner', 'Competitor']],
])('a %s written as "%s" is kept as %j and read as %j (4)', (...row) => {
  const [datatype, text, stored, shown] = row
  expect(toStored(datatype, text, context)).toEqual({ kind: 'value', value: stored })
  expect(toWire(datatype, stored, formats)).toEqual(shown)
})

test('what is no number is refused', () => {
  expect(toStored('integer', 'many', context).kind).toBe('refused')
})

test('a caller may ask for epoch seconds (1)', () => {
  expect(toWire('datetime', 1759501880, { ...formats, datetime: '%s' })).toBe(1759501880)
})

test.each([
  ['name[]', 'name'],
  ['main_location[email][]', 'main_location[email]'],
  ['org_lead_party[main_location][email][]', 'org_lead_party[main_location[email]]'],
])('the name %s comes in as %s (5.1)', (wireName, name) => {
  expect(toNestedName(wireName)).toBe(name)
})

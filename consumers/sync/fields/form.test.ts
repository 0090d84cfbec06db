import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { forms, type FormName } from './form.ts'
import type { Value } from './value.ts'

// prettier-ignore
const reads: readonly { says: string; form: FormName; raw: unknown; want: Value }[] = [
  { says: 'text is trimmed',                       form: 'text', raw: '  Acme  ', want: 'Acme' },
  { says: '"" is blank',                           form: 'text', raw: '', want: null },
  { says: 'white space is blank',                  form: 'text', raw: ' \n ', want: null },
  { says: 'an absent value is blank',              form: 'text', raw: undefined, want: null },
  { says: '[] is blank',                           form: 'text', raw: [], want: null },
  { says: 'a number in a text column is text',     form: 'text', raw: 42, want: '42' },
  { says: 'unicode stays as it is',                form: 'text', raw: 'Ça 株式会社 😀', want: 'Ça 株式会社 😀' },
  { says: 'a number stays a number',               form: 'integer', raw: 0, want: 0 },
  { says: 'a number as text stays text',           form: 'integer', raw: ' 1,200 ', want: '1,200' },
  { says: 'FALSE is not blank',                    form: 'boolean', raw: false, want: false },
  { says: 'of a list the first element is mapped', form: 'list', raw: ['gold', 'silver'], want: 'gold' },
  { says: '... the first that is not blank',       form: 'list', raw: ['', ' gold'], want: 'gold' },
  { says: 'a day loses the space in front',        form: 'date', raw: ' 3 Oct 2025', want: '3 Oct 2025' },
  { says: 'an amount keeps its currency',          form: 'money', raw: '1234.50 GBP 3', want: '1234.50 GBP 3' },
  { says: 'blanks and a flag are no amount',       form: 'money', raw: '  0', want: null },
  { says: 'whole units stay a number',             form: 'money', raw: 18500, want: 18500 },
  { says: 'an empty list is blank',                form: 'list', raw: [' '], want: null },
]

test.each(reads)('reading (rulebook 8): $says', ({ form, raw, want }) => {
  assert.deepEqual(forms[form].read(raw), want)
})

// prettier-ignore
const meanings: readonly { says: string; form: FormName; left: Value; right: Value; is: boolean }[] = [
  { says: 'equal text',                                   form: 'text', left: 'a', right: 'a', is: true },
  { says: 'text of another case is another text',         form: 'text', left: 'a', right: 'A', is: false },
  { says: 'two blanks',                                   form: 'text', left: null, right: null, is: true },
  { says: 'numbers are compared as numbers',              form: 'integer', left: '1,200', right: 1200, is: true },
  { says: '... with decimals',                            form: 'number', left: '12.50', right: 12.5, is: true },
  { says: 'zero is not blank',                            form: 'integer', left: 0, right: null, is: false },
  { says: 'what is no number is compared as text',        form: 'integer', left: 'many', right: 'many', is: true },
  { says: 'a text is no number',                          form: 'integer', left: 'many', right: 7, is: false },
  { says: 'a truth in either spelling',                   form: 'boolean', left: 'Yes', right: true, is: true },
  { says: 'a checkbox knows no blank: it reads false',    form: 'boolean', left: false, right: null, is: true },
  { says: 'TRUE is not blank',                            form: 'boolean', left: true, right: null, is: false },
  { says: 'times are compared as times, to the second',   form: 'moment', left: 'Mon Jun 02 09:16:00 UTC 2025', right: '2025-06-02T09:16:00.900Z', is: true },
  { says: 'another second is another time',               form: 'moment', left: '2025-06-02T09:16:01Z', right: '2025-06-02T09:16:00Z', is: false },
  { says: 'a day is any time of it, by UTC',              form: 'date', left: '3 Oct 2025', right: '2025-10-03T23:59:59.000Z', is: true },
  { says: 'the day after is another',                     form: 'date', left: '3 Oct 2025', right: '2025-10-04T00:00:00.000Z', is: false },
  { says: 'a day is not blank',                           form: 'date', left: '3 Oct 2025', right: null, is: false },
  { says: 'amounts are compared in whole units',          form: 'money', left: '1234.50 GBP 3', right: 1235, is: true },
  { says: '... whatever the currency',                    form: 'money', left: '1234.50 EUR 3', right: 1234, is: false },
  { says: 'no amount is not zero',                        form: 'money', left: null, right: 0, is: false },
  { says: 'mixed currencies are no amount',               form: 'money', left: '10.00 !!! 3', right: 10, is: false },
  { says: 'a time is not blank',                          form: 'moment', left: null, right: '2025-06-02T09:16:00Z', is: false },
]

test.each(meanings)('meaning the same (rulebook 8): $says', ({ form, left, right, is }) => {
  assert.equal(forms[form].means(left, right), is)
  assert.equal(forms[form].means(right, left), is)
})

const value = (carried: Value) => ({ kind: 'value', value: carried })
const cannot = (why: string) => ({ kind: 'cannot', why })

// prettier-ignore
const carries: readonly { says: string; form: FormName; from: Value; want: unknown }[] = [
  { says: 'text as it is',                       form: 'text', from: 'a', want: value('a') },
  { says: 'a list as one text',                  form: 'text', from: ['a', 'b'], want: value('a, b') },
  { says: 'a number from text',                  form: 'integer', from: '1,200', want: value(1200) },
  { says: 'a negative number',                   form: 'number', from: '-0.5', want: value(-0.5) },
  { says: 'half an employee is left out',        form: 'integer', from: '1.5', want: cannot('it is not a whole number') },
  { says: 'a word is no number',                 form: 'number', from: 'many', want: cannot('it is not a number') },
  { says: 'a number that no number can hold',    form: 'integer', from: '9007199254740993', want: cannot('it is not a whole number') },
  { says: 'commas in the wrong places',          form: 'integer', from: '1,2', want: cannot('it is not a whole number') },
  { says: 'a truth from text',                   form: 'boolean', from: 'no', want: value(false) },
  { says: 'a word is no truth',                  form: 'boolean', from: 'maybe', want: cannot('it is neither true nor false') },
  { says: 'a word that JavaScript knows is none', form: 'boolean', from: 'constructor', want: cannot('it is neither true nor false') },
  { says: 'a time',                              form: 'moment', from: 'Mon Jun 02 09:16:00 UTC 2025', want: value('2025-06-02T09:16:00.000Z') },
  { says: 'a day as its midnight by UTC',         form: 'date', from: '3 Oct 2025', want: value('2025-10-03T00:00:00.000Z') },
  { says: 'a word is no date',                   form: 'date', from: 'soon', want: cannot('it is not a date') },
  { says: 'half a unit is rounded up',           form: 'money', from: '1234.50 GBP 3', want: value(1235) },
  { says: '... away from zero',                  form: 'money', from: '-1234.50 GBP 3', want: value(-1235) },
  { says: '... and less than half down',         form: 'money', from: '1234.49 GBP 3', want: value(1234) },
  { says: 'nothing earned is an amount',         form: 'money', from: '0.00 GBP 3', want: value(0) },
  { says: 'mixed currencies are left out',       form: 'money', from: '10.00 !!! 3', want: cannot('it mixes currencies') },
  { says: 'a word is no amount',                 form: 'money', from: 'much', want: cannot('it is not an amount') },
  { says: 'a word is no time',                   form: 'moment', from: 'soon', want: cannot('it is not a date and time') },
]

describe('carrying over (rulebook 8: "values that do not fit")', () => {
  test.each(carries)('$says', ({ form, from, want }) => {
    assert.deepEqual(forms[form].carry(from), want)
  })
  const clearing = (Object.keys(forms) as FormName[]).filter((form) => form !== 'money')
  test.each(clearing)('a blank %s is carried as a blank', (form) => {
    assert.deepEqual(forms[form].carry(null), value(null))
  })
  test('... but an amount, which nobody cleared: it is derived', () => {
    assert.deepEqual(forms.money.carry(null), cannot('Workbooks shows no amount'))
  })

  // prettier-ignore
  const back: readonly { says: string; form: FormName; from: Value; want: unknown }[] = [
    { says: 'a date-time becomes the day that it is by UTC', form: 'date', from: '2026-06-30T23:30:00.000Z', want: value('30 Jun 2026') },
    { says: 'a day below ten has no space in front',         form: 'date', from: '2026-06-02T00:00:00.000Z', want: value('2 Jun 2026') },
    { says: 'a cleared date',                                form: 'date', from: null, want: value(null) },
    { says: 'a word is no date',                             form: 'date', from: 'soon', want: cannot('it is not a date') },
    { says: 'an amount never goes back',                     form: 'money', from: 1235, want: cannot('Workbooks derives it from the line items') },
  ]
  test.each(back)('to Workbooks: $says', ({ form, from, want }) => {
    assert.deepEqual(forms[form].carryBack?.(from), want)
  })
})

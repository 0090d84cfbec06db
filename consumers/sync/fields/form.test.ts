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
  { says: 'a word is no time',                   form: 'moment', from: 'soon', want: cannot('it is not a date and time') },
]

describe('carrying over (rulebook 8: "values that do not fit")', () => {
  test.each(carries)('$says', ({ form, from, want }) => {
    assert.deepEqual(forms[form].carry(from), want)
  })
  test.each(Object.keys(forms) as FormName[])('a blank %s is carried as a blank', (form) => {
    assert.deepEqual(forms[form].carry(null), value(null))
  })
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import { toQuote } from './to-quote.ts'

test('a quote is one line without e-mail addresses, at most 200 characters', () => {
  assert.equal(toQuote('  mara.quill@larkfield.example\n is taken '), '***@*** is taken')
  assert.equal(toQuote('x'.repeat(300)).length, 200)
})

// prettier-ignore
const quotes = [
  { says: "'Mara Quill' is already used", quote: "'***' is already used" },
  { says: "'Mara O'Neill' is already used", quote: "'***' is already used" },
  { says: 'the name "Mara Quill" is taken, "x" too', quote: 'the name "***" is taken, "***" too' },
  { says: 'call 4420794600 or +44-123456', quote: 'call *** or +44-***' },
  { says: "The name can't be 'Mara'.", quote: "The name can't be '***'." },
]

test.each(quotes)('a value is not repeated: $says', ({ says, quote }) => {
  assert.equal(toQuote(says), quote)
})

test.each([
  'Contacts email hash has already been taken.',
  "The name can't be blank.",
  "name: can't be blank; town: can't be blank",
  'status 422 for 12345 rows',
])('what holds no value stays as it is: %s', (text) => {
  assert.equal(toQuote(text), text)
})

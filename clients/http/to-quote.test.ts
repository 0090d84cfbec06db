import assert from 'node:assert/strict'
import { test } from 'vitest'
import { toQuote } from './to-quote.ts'

test('a quote is one line without e-mail addresses, at most 200 characters', () => {
  assert.equal(toQuote("  'mara.quill@larkfield.example'\n is taken "), "'***@***' is taken")
  assert.equal(toQuote('x'.repeat(300)).length, 200)
})

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { test } from 'vitest'
import { splitArray } from './split-array.ts'

test.each([
  ['[]', []],
  [' [ \n ] ', []],
  ['[1]', ['1']],
  ['[""]', ['""']],
  ['[ {"a":[1,2]} , "x,]}\\"" ,[]]', ['{"a":[1,2]}', '"x,]}\\""', '[]']],
  ['[12345678901234567890,1.50]', ['12345678901234567890', '1.50']],
])('%s falls into its elements as they were written', (text, elements) => {
  assert.deepEqual(splitArray(text), elements)
})

test('every element reads as JSON reads it', () => {
  const spaces = fc.constantFrom(undefined, 1, '\t')
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), spaces, (values, space) => {
      const text = JSON.stringify(values, null, space)
      const elements = splitArray(text).map((element): unknown => JSON.parse(element))
      assert.deepEqual(elements, JSON.parse(text))
    }),
  )
})

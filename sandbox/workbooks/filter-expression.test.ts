import { expect, test } from 'vitest'
import { parseFilterExpression } from './filter-expression.ts'

const evaluate = (text: string, verdicts: readonly boolean[]): boolean | string => {
  const parsed = parseFilterExpression(text, verdicts.length)
  return parsed.kind === 'combine'
    ? parsed.combine((index) => verdicts[index] ?? false)
    : parsed.message
}

test.each([
  ['and', [true, false], false],
  ['', [true, true], true],
  ['or', [false, true], true],
  ['1 AND (2 OR 3)', [true, false, true], true],
  ['1 AND (2 OR 3)', [false, true, true], false],
  ['1 or 2 and 3', [true, false, false], true],
  ['NOT 1 AND !2', [false, false], true],
  ['1 XOR 2', [true, true], false],
  ['(1 OR 2) AND 3', [true, false, false], false],
])('the expression "%s" over %j is %s (3.3)', (text, verdicts, expected) => {
  expect(evaluate(text, verdicts)).toBe(expected)
})

test.each(['1 AND (2', '4', '1 2', 'AND 1'])('"%s" is refused with a reason', (text) => {
  expect(evaluate(text, [true, true])).toContain('cannot be read')
})

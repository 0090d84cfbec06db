import assert from 'node:assert/strict'
import { test } from 'vitest'
import { findLeaves, isDoneIn, type Edit } from './book.ts'
import type { Known, Side } from './known.ts'

const known: Known = { kind: 'opportunity', ids: { workbooks: 5_103, outreach: 905 } }
const person: Known = { kind: 'person', ids: { workbooks: 230, outreach: 88_007 } }

type Line = readonly [side: Side, saw: string, value: string]

function toEdits(field: string | Known, lines: readonly Line[]): readonly Edit[] {
  return lines.map(([side, saw, value], at) => ({
    ...{ known, field, side, saw, value, isLoose: false },
    at: new Date(at).toISOString(),
  }))
}

function leavesOf(field: string | Known, lines: readonly Line[]): readonly string[] {
  return findLeaves(toEdits(field, lines)).map(({ value }) => value)
}

test('of a field those values are left that nobody saw and wrote over', () => {
  assert.deepEqual(
    leavesOf('description', [
      ['workbooks', '', 'A'],
      ['outreach', 'A', 'B'],
      ['workbooks', 'A', 'C'],
    ]),
    ['B', 'C'],
  )
})

test('who sees a role beside others sees the edit that brought it', () => {
  assert.deepEqual(
    leavesOf(person, [
      ['workbooks', '', 'Role 94'],
      ['outreach', '', 'Role 180'],
      ['outreach', 'Role 180 + Role 94', 'Role 211 + Role 94'],
    ]),
    ['Role 211 + Role 94'],
  )
})

const shown: readonly (readonly [Line, roles: readonly string[], boolean])[] = [
  [['workbooks', '', 'Role 1'], ['Role 1', 'Role 2'], true],
  [['workbooks', '', 'Role 1'], ['Role 2'], false],
  [['workbooks', 'Role 1', 'Role 1 + Role 2'], ['Role 2'], true],
  [['workbooks', 'Role 1', 'Role 2'], ['Role 1'], false],
  [['workbooks', 'Role 1 + Role 2', 'Role 1'], ['Role 1', 'Role 3'], true],
  [['workbooks', 'Role 1 + Role 2', 'Role 1'], ['Role 2'], false],
  [['workbooks', 'Role 1', ''], [], true],
]

for (const [line, roles, isShown] of shown) {
  const [, saw, value] = line
  test(`"${saw}" -> "${value}" ${isShown ? 'is' : 'is not'} shown by [${roles.join(', ')}]`, () => {
    const [edit] = toEdits(person, [line])
    assert.ok(edit)
    assert.equal(isDoneIn(edit, roles), isShown)
  })
}

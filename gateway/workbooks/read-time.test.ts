import assert from 'node:assert/strict'
import { test } from 'vitest'
import { readTime } from './read-time.ts'

test.each([
  ['Mon Jun 02 09:16:00 UTC 2025', '2025-06-02T09:16:00Z'],
  ['Fri Oct 03 14:31:20 UTC 2025', '2025-10-03T14:31:20Z'],
  ['Mon Jun  2 09:16:00 GMT 2025', '2025-06-02T09:16:00Z'],
  ['2025-06-02T09:16:00.000Z', '2025-06-02T09:16:00Z'],
  ['2025-06-02T10:16:00+01:00', '2025-06-02T09:16:00Z'],
  [1748855760, '2025-06-02T09:16:00Z'],
  ['Mon Foo 02 09:16:00 UTC 2025', undefined],
  ['Mon Jun 02 09:16:00 BST 2025', undefined],
  ['yesterday', undefined],
  ['', undefined],
  [null, undefined],
  [1e300, undefined],
])('%j is read as %j', (value, expected) => assert.equal(readTime(value), expected))

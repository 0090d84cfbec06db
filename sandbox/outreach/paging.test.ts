import { expect, test } from 'vitest'
import { toPage } from './paging.ts'
import type { Row } from './record-store.ts'
import type { Sorting } from './sorting.ts'

const rows = (...ids: readonly number[]): readonly Row[] =>
  ids.map((id) => ({ type: 'stage', id, attributes: {}, links: {} }))

const sorting: Sorting = {
  keyOf: (row) => [row.id],
  compare: ([a], [b]) => Number(a) - Number(b),
}

const idsOf = (page: { readonly rows: readonly Row[] }) => page.rows.map(({ id }) => id)

test('following next to its end shows every record once, and the last page has no next (3.2)', () => {
  const all = rows(1, 2, 3, 4, 5)
  const first = toPage(all, { size: '2' }, sorting)
  const second = toPage(all, first.links['next'] ?? {}, sorting)
  const third = toPage(all, second.links['next'] ?? {}, sorting)
  expect([first, second, third].map(idsOf)).toEqual([[1, 2], [3, 4], [5]])
  expect(third.links['next']).toBeUndefined()
  expect(idsOf(toPage(all, third.links['prev'] ?? {}, sorting))).toEqual([3, 4])
})

test('a cursor is a place, so a record that vanishes meanwhile makes none skipped (3.2)', () => {
  const first = toPage(rows(1, 2, 3, 4), { size: '2' }, sorting)
  expect(idsOf(toPage(rows(1, 3, 4), first.links['next'] ?? {}, sorting))).toEqual([3, 4])
})

test('without page[size] paging is by offset, with a last link, and 50 at a time (3.2)', () => {
  const all = rows(...Array.from({ length: 120 }, (_, index) => index + 1))
  const page = toPage(all, {}, sorting)
  expect(page.rows).toHaveLength(50)
  expect(page.links['last']).toEqual({ limit: '50', offset: '100' })
  expect(toPage(all, { offset: '100' }, sorting).links['next']).toBeUndefined()
})

test.each([
  { size: '1001' },
  { size: '0' },
  { limit: '1001' },
  { offset: '10001' },
  { after: '?' },
])('a page beyond the limits is refused: %o (3.2)', (page) => {
  expect(() => toPage(rows(1), page, sorting)).toThrow('422')
})

import type { RecordStore, Row } from './record-store.ts'
import type { Wish } from './write-validation.ts'

/** Plain writes of one row with its event, and nothing that follows from it. */
export type RowWrites = {
  readonly insert: (type: string, wish: Wish) => void
  readonly amend: (row: Row, wish: Wish) => void
  readonly drop: (row: Row) => void
}

type List = {
  readonly attribute: string
  readonly type: 'emailAddress' | 'phoneNumber'
  readonly value: 'email' | 'number'
  readonly kind: Readonly<Record<string, string>>
}

const phones = (attribute: string, phoneType: string): List => ({
  attribute,
  type: 'phoneNumber',
  value: 'number',
  kind: { phoneType },
})

const lists: readonly List[] = [
  { attribute: 'emails', type: 'emailAddress', value: 'email', kind: {} },
  phones('workPhones', 'work'),
  phones('homePhones', 'home'),
  phones('mobilePhones', 'mobile'),
  phones('otherPhones', 'other'),
  phones('voipPhones', 'voip'),
]

/** Makes the prospect's e-mail and phone records say what its lists say; the first is the primary one. */
export function applyLists(prospect: Row, store: RecordStore, writes: RowWrites): void {
  for (const list of lists) {
    const rest = new Map(rowsOf(prospect.id, list, store).map((row) => [row.id, row]))
    for (const [order, text] of toTexts(prospect.attributes[list.attribute]).entries()) {
      const same = [...rest.values()].find((row) => isSame(row.attributes[list.value], text))
      const attributes = { [list.value]: text, order }
      if (same === undefined) {
        const links = { prospect: { type: 'prospect', id: prospect.id } }
        writes.insert(list.type, { attributes: { ...list.kind, ...attributes }, links })
      } else {
        rest.delete(same.id)
        writes.amend(same, { attributes, links: {} })
      }
    }
    for (const row of rest.values()) writes.drop(row)
  }
}

/** The lists that the prospect's e-mail and phone records amount to. */
export function toLists(prospectId: number, store: RecordStore): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    lists.map((list) => [
      list.attribute,
      [...rowsOf(prospectId, list, store)]
        .sort((a, b) => orderOf(a) - orderOf(b))
        .map((row) => row.attributes[list.value] ?? ''),
    ]),
  )
}

export function isListRow(type: string): boolean {
  return lists.some((list) => list.type === type)
}

function rowsOf(prospectId: number, list: List, store: RecordStore): readonly Row[] {
  return store
    .linking(list.type, 'prospect', prospectId)
    .filter(({ attributes }) =>
      Object.entries(list.kind).every(([name, value]) => attributes[name] === value),
    )
}

function toTexts(value: unknown): readonly string[] {
  return Array.isArray(value) ? [...new Set(value.map(String))] : []
}

function isSame(a: unknown, b: string): boolean {
  return typeof a === 'string' && a.trim().toLowerCase() === b.trim().toLowerCase()
}

function orderOf(row: Row): number {
  const { order } = row.attributes
  return typeof order === 'number' ? order : Number.MAX_SAFE_INTEGER
}

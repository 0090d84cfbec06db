import type { Column } from './column.ts'
import type { Lookup, Row } from './row.ts'
import { toWire } from './wire-values.ts'
import type { Formats } from './wire-values.ts'

export type Rendered = Readonly<Record<string, unknown>>

/** A record as answers show it: nested names out, every value in its wire form. */
export const renderRow = (
  row: Row,
  columns: Iterable<Column>,
  how: { readonly lookup: Lookup; readonly formats: Formats },
): Rendered => {
  const rendered: Record<string, unknown> = {}
  for (const column of columns)
    rendered[column.name] = toWire(column.datatype, column.read(row, how.lookup), how.formats)
  return rendered
}

import type { Lookup, Row, Stored, Values } from './row.ts'
import type { Datatype } from './wire-values.ts'

export type Column = {
  readonly name: string
  readonly title: string
  readonly datatype: Datatype
  readonly isCreateable: boolean
  readonly isUpdateable: boolean
  readonly isRequired: boolean
  readonly isUnique: boolean
  /** Part of an answer that selects nothing. */
  readonly isListed: boolean
  readonly picklist: string | undefined
  /** Controller of the records that its id may name. */
  readonly linksTo: readonly string[]
  /** Read from the row alone, so that rows can be found by it. */
  readonly isOfRow: boolean
  /** What a record that was created without it holds. */
  readonly initial: Stored
  readonly read: (row: Row, lookup: Lookup) => Stored
  readonly write: (value: Stored, values: Values) => Values
}

const titleOf = (name: string): string => {
  const words = name.replaceAll(/[[\]_]+/g, ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** A column that keeps what is written to it. */
export const storedColumn = (
  name: string,
  datatype: Datatype,
  extra: Partial<Column> = {},
): Column => ({
  name,
  title: titleOf(name),
  datatype,
  isCreateable: true,
  isUpdateable: true,
  isRequired: false,
  isUnique: false,
  isListed: true,
  picklist: undefined,
  linksTo: [],
  isOfRow: extra.read === undefined,
  initial: datatype === 'boolean' ? false : null,
  read: (row) => row.values[name] ?? (datatype === 'boolean' ? false : null),
  write: (value) => ({ [name]: value }),
  ...extra,
})

/** A column that is worked out from others and cannot be written. */
export const derivedColumn = (
  name: string,
  datatype: Datatype,
  read: (row: Row, lookup: Lookup) => Stored,
): Column => ({
  ...storedColumn(name, datatype),
  isCreateable: false,
  isUpdateable: false,
  isOfRow: false,
  read,
})

/** Plain columns of one datatype, by their names with blanks between. */
export const storedColumns = (
  datatype: Datatype,
  names: string,
  extra: Partial<Column> = {},
): readonly Column[] =>
  names
    .split(/\s+/)
    .filter((name) => name !== '')
    .map((name) => storedColumn(name, datatype, extra))

const locationParts =
  'alternate_email alternate_telephone country county_province_state email fax mobile postcode street_address telephone town'

/** An address: `main_location` reads null where unset, `home_location` an empty text, as observed (workbooks-api 7.2). */
export const locationColumns = (location: string, unset: '' | null): readonly Column[] =>
  locationParts.split(' ').map((part) => {
    const name = `${location}[${part}]`
    const read = (row: Row) => row.values[name] ?? unset
    return storedColumn(name, 'string', { read, isOfRow: true })
  })

import type { SqlValue } from '../state-store.ts'

// pg_type.oid of what comes back as a number here, as it does from the embedded state.
const BOOL = 16
const INT8 = 20
const INT2 = 21
const INT4 = 23
const FLOAT4 = 700
const FLOAT8 = 701
/** The sum of a BIGINT column. */
const NUMERIC = 1700

/** The value of a column from PostgreSQL's text; a whole number is a number where that is safe. */
export function toSqlValue(text: string | null, type: number): SqlValue {
  if (text === null) return null
  switch (type) {
    case INT8:
    case NUMERIC:
      return /^-?\d+$/.test(text) ? toWhole(text) : Number(text)
    case INT2:
    case INT4:
    case FLOAT4:
    case FLOAT8:
      return Number(text)
    case BOOL:
      return text === 't' ? 1 : 0
    default:
      return text
  }
}

function toWhole(text: string): number | bigint {
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : BigInt(text)
}

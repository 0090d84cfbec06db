import { printDate, readDate } from '../../../clients/workbooks/wire-values.ts'
import type { Value } from './value.ts'

/** The day, by UTC, of a date or date-time of either system: `2025-10-03` for `3 Oct 2025`. */
export function toDay(value: Value): string | undefined {
  return readDate(value)
}

/** `3 Oct 2025` for `2025-10-03`: as Workbooks shows it, without the space that it fills the day up with. */
export function printDay(day: string): string {
  return printDate(day).trim()
}

import { readIsoTime, toIsoTime } from '../to-iso-time.ts'

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const form =
  /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d) (?:UTC|GMT) (\d{4})$/

/** Workbooks' `Mon Jun 02 09:15:00 UTC 2025`, ISO 8601 or epoch seconds, in the events' form. */
export function readTime(value: unknown): string | undefined {
  if (typeof value === 'number') return toIsoTime(value * 1000)
  if (typeof value !== 'string') return undefined

  const [, month = '', day, hours, minutes, seconds, year] = form.exec(value) ?? []
  if (year === undefined) return readIsoTime(value)
  const monthIndex = months.indexOf(month)
  if (monthIndex < 0) return undefined
  const date = [Number(year), monthIndex, Number(day)] as const
  return toIsoTime(Date.UTC(...date, Number(hours), Number(minutes), Number(seconds)))
}

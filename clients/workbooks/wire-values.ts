const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** null, an absent column and an empty text all mean that nothing is there (workbooks-api 7.2). */
export function isBlank(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === 'string' && value.trim() === '')
}

/** As Workbooks reads one: `true t on 1 yes y`, everything else is false. */
export function readBoolean(value: unknown): boolean {
  if (typeof value === 'boolean') return value
  if (typeof value === 'number') return value === 1
  return typeof value === 'string' && /^(true|t|on|1|yes|y)$/i.test(value.trim())
}

/**
 * Epoch ms of `Fri Oct 03 14:31:20 UTC 2025`, of epoch seconds, of ISO 8601, or of a task's
 * `2023-09-01T09:00:00Z,1,Etc/UTC`; undefined for anything else.
 */
export function readTime(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value * 1000 : undefined
  if (typeof value !== 'string') return undefined
  const text = value.trim()
  if (/^\d{5,11}$/.test(text)) return Number(text) * 1000

  return readAsctime(text) ?? readIso(text)
}

function readAsctime(text: string): number | undefined {
  const form =
    /^[A-Za-z]{3} ([A-Za-z]{3}) +(\d{1,2}) (\d{2}:\d{2}:\d{2}) (?:UTC|GMT|\+0000) (\d{4})$/
  const [, month = '', day = '', time = '', year] = form.exec(text) ?? []
  return year === undefined ? undefined : readParts({ year, month, day, time })
}

function readIso(text: string): number | undefined {
  const form =
    /^(\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?) ?(Z|UTC|[+-]\d{2}:?\d{2})?(?:,.*)?$/
  const [, iso, zone = 'UTC'] = form.exec(text) ?? []
  if (iso === undefined) return undefined
  const clock = iso.length === 10 ? `${iso}T00:00:00` : iso.replace(' ', 'T')
  const at = Date.parse(`${clock}${zone === 'UTC' ? 'Z' : zone}`)
  return Number.isNaN(at) ? undefined : at
}

type Parts = {
  readonly year: string
  readonly month: string
  readonly day: string
  readonly time: string
}

function readParts({ year, month, day, time }: Parts): number | undefined {
  const at = Date.parse(`${year}-${toMonthNumber(month)}-${day.padStart(2, '0')}T${time}Z`)
  return Number.isNaN(at) ? undefined : at
}

function toMonthNumber(name: string): string {
  const at = months.findIndex((month) => month.toLowerCase() === name.toLowerCase())
  return String(at + 1).padStart(2, '0')
}

/** `Fri Oct 03 14:31:20 UTC 2025`; Workbooks keeps whole seconds, so a fraction is cut off. */
export function printTime(epochMs: number): string {
  const at = new Date(epochMs)
  const weekday = weekdays[at.getUTCDay()] ?? ''
  const month = months[at.getUTCMonth()] ?? ''
  const day = String(at.getUTCDate()).padStart(2, '0')
  return `${weekday} ${month} ${day} ${at.toISOString().slice(11, 19)} UTC ${at.getUTCFullYear()}`
}

/** `2010-05-02` for ` 2 May 2010`, for ISO dates, and for whatever `readTime` understands. */
export function readDate(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const [, day = '', month = '', year] =
    /^(\d{1,2}) ([A-Za-z]{3})[A-Za-z]* (\d{4})$/.exec(value.trim()) ?? []
  const at =
    year === undefined ? readTime(value) : readParts({ year, month, day, time: '00:00:00' })
  return at === undefined ? undefined : new Date(at).toISOString().slice(0, 10)
}

/** ` 2 May 2010` for `2010-05-02`: the day fills two places, as Workbooks itself writes it. */
export function printDate(isoDate: string): string {
  const [year = '', month = '', day = ''] = isoDate.slice(0, 10).split('-')
  return `${String(Number(day)).padStart(2, ' ')} ${months[Number(month) - 1] ?? ''} ${year}`
}

export type Currency = { readonly amount: string; readonly code: string }

/** `100.00` and `GBP` of `100.00 GBP 0`; undefined for a blank one (`"  0"`). Mixed ones have the code `!!!`. */
export function readCurrency(value: unknown): Currency | undefined {
  if (typeof value !== 'string') return undefined
  const [, amount, code] = /^(-?\d+(?:\.\d+)?) +([A-Z]{3}|!!!)(?: +\d)?$/.exec(value.trim()) ?? []
  return amount === undefined || code === undefined ? undefined : { amount, code }
}

export function printCurrency({ amount, code }: Currency): string {
  return `${amount} ${code} 0`
}

import { formatTime } from './format-time.ts'
import type { defaultFormats } from './format-time.ts'
import { parseTime } from './parse-time.ts'
import type { Stored } from './row.ts'

export type Datatype =
  | 'string'
  | 'text'
  | 'uri'
  | 'integer'
  | 'has_one'
  | 'float'
  | 'decimal'
  | 'boolean'
  | 'currency'
  | 'date'
  | 'datetime'
  | 'time'
  | 'var_date_time'
  | 'array'

export type ReadContext = { readonly timeZone: string; readonly homeCurrency: string }

export type Formats = typeof defaultFormats & {
  readonly arraysAs: 'json' | 'text'
  readonly timeZone: string
}

export type Read =
  | { readonly kind: 'value'; readonly value: Stored }
  | { readonly kind: 'refused'; readonly message: string }

const value = (stored: Stored): Read => ({ kind: 'value', value: stored })
const refused = (message: string): Read => ({ kind: 'refused', message })

const readNumber = (datatype: Datatype, text: string): Read => {
  const isWhole = datatype === 'integer' || datatype === 'has_one'
  const form = isWhole ? /^-?\d+(\.0+)?$/ : /^-?\d+(\.\d+)?$/
  if (!form.test(text.trim())) return refused('is not a number')
  return value(datatype === 'decimal' ? text.trim() : Number(text))
}

const currencyForm = /^(-?\d+(?:\.\d+)?)(?: ([A-Z]{3}|!!!))?(?: ([0-3]))?$/

const readCurrency = (text: string, context: ReadContext): Read => {
  const found = currencyForm.exec(text.trim())
  if (!found)
    return text.trim() === '' || /^[0-3]$/.test(text.trim()) ? value(null) : refused('is not valid')
  const [, amount = '0', code = context.homeCurrency, flag = '0'] = found
  return value(`${Number(amount).toFixed(2)} ${code} ${flag}`)
}

export const isoDateOf = (epochSeconds: number): string =>
  new Date(epochSeconds * 1000).toISOString().slice(0, 10)

const isoTimeOf = (epochSeconds: number): string =>
  `${new Date(epochSeconds * 1000).toISOString().slice(0, 19)}Z`

const readTime = (datatype: Datatype, text: string, context: ReadContext): Read => {
  const moment = parseTime(text, context.timeZone)
  if (!moment) return refused('is not a valid date')
  if (datatype === 'datetime') return value(moment.from)
  if (datatype === 'date' || moment.isDate) return value(isoDateOf(moment.from))
  return value(isoTimeOf(moment.from))
}

const readArray = (text: string): Read => {
  const inner = text.trim().replace(/^\[|\]$/g, '')
  const parts = inner === '' ? [] : inner.split(',').map((part) => part.trim())
  return value(parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part)))
}

type Reader = (text: string, context: ReadContext, datatype: Datatype) => Read

const plain: Reader = (text) => value(text)
const blankClears =
  (read: Reader): Reader =>
  (text, context, datatype) =>
    text.trim() === '' ? value(null) : read(text, context, datatype)

const number = blankClears((text, _context, datatype) => readNumber(datatype, text))
const moment = blankClears((text, context, datatype) => readTime(datatype, text, context))

const readers: Readonly<Record<Datatype, Reader>> = {
  string: plain,
  text: plain,
  uri: plain,
  boolean: (text) =>
    value(['true', 't', 'on', '1', 'yes', 'y'].includes(text.trim().toLowerCase())),
  array: readArray,
  time: blankClears((text) => value(text.trim())),
  currency: readCurrency,
  integer: number,
  has_one: number,
  float: number,
  decimal: number,
  date: moment,
  datetime: moment,
  var_date_time: moment,
}

/** A written text as the column's own datatype (workbooks-api 4); blank clears everything but texts and booleans. */
export const toStored = (datatype: Datatype, text: string, context: ReadContext): Read =>
  readers[datatype](text, context, datatype)

const secondsOf = (iso: string): number => Math.floor(Date.parse(iso) / 1000)

const varDateTime = (stored: string, timeZone: string): string =>
  stored.length > 10 ? `${stored.replace('Z', '.000Z')},1,${timeZone}` : `${stored},0,${timeZone}`

const textual = (datatype: Datatype, stored: string, formats: Formats): unknown => {
  if (datatype === 'date') return formatTime(secondsOf(stored), formats.date)
  return datatype === 'var_date_time' ? varDateTime(stored, formats.timeZone) : stored
}

/** A stored value as an answer shows it: UTC strings, dates with a leading space, a blank currency as blanks plus flag. */
export const toWire = (datatype: Datatype, stored: Stored, formats: Formats): unknown => {
  if (stored === null) return datatype === 'currency' ? '  0' : null
  if (typeof stored === 'string') return textual(datatype, stored, formats)
  if (typeof stored === 'number' && datatype === 'datetime') {
    const shown = formatTime(stored, formats.datetime)
    return formats.datetime === '%s' ? Number(shown) : shown
  }
  if (typeof stored !== 'object') return stored
  return formats.arraysAs === 'json' ? stored : `[${stored.join(',')}]`
}

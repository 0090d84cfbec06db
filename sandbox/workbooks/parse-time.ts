/** A point in time, or a whole day: `from` and `to` are epoch seconds, both inclusive. */
export type Moment = { readonly from: number; readonly to: number; readonly isDate: boolean }

const months = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')
const dayLength = 86_400

const monthNumber = (name: string): number => months.indexOf(name.slice(0, 3).toLowerCase())

/** Seconds that the clocks of a zone are ahead of UTC at that moment. */
const zoneOffset = (epochSeconds: number, timeZone: string): number => {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(new Date(epochSeconds * 1000))
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value ?? 0)
  const shown = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  )
  return shown / 1000 - epochSeconds
}

const fromZone = (asIfUtc: number, timeZone: string): number => {
  const guess = asIfUtc - zoneOffset(asIfUtc, timeZone)
  return asIfUtc - zoneOffset(guess, timeZone)
}

const point = (epochSeconds: number): Moment | undefined =>
  Number.isFinite(epochSeconds)
    ? { from: epochSeconds, to: epochSeconds, isDate: false }
    : undefined

const day = (year: number, month: number, date: number): Moment | undefined => {
  const from = Date.UTC(year, month, date) / 1000
  return Number.isFinite(from) && month >= 0
    ? { from, to: from + dayLength - 1, isDate: true }
    : undefined
}

const verbose = /^\w{3} (\w{3}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) (?:UTC|GMT|Z|Etc\/UTC) (\d{4})$/
const spoken = /^(?:\w{3},? )?(\d{1,2}) (\w{3,9}) (\d{4})$/
const isoDate = /^(\d{4})-(\d\d)-(\d\d)$/
const isoTime =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?$/

const fromIsoTime = (found: RegExpExecArray, timeZone: string): Moment | undefined => {
  const [, year, month, date, hour, minute, second = '0', zone] = found
  const asIfUtc =
    Date.UTC(
      Number(year),
      Number(month) - 1,
      Number(date),
      Number(hour),
      Number(minute),
      Number(second),
    ) / 1000
  if (zone === undefined) return point(fromZone(asIfUtc, timeZone))
  const offset = /^([+-])(\d\d):?(\d\d)$/.exec(zone)
  if (!offset) return point(asIfUtc)
  const seconds = Number(offset[2]) * 3600 + Number(offset[3]) * 60
  return point(offset[1] === '+' ? asIfUtc - seconds : asIfUtc + seconds)
}

/** Reads every written form of workbooks-api 4; undefined for anything else. */
export const parseTime = (text: string, timeZone: string): Moment | undefined => {
  const input = text.trim().split(',')[0]?.trim() ?? ''
  if (/^-?\d{5,}$/.test(input)) return point(Number(input))
  const long = verbose.exec(input)
  if (long) {
    const [, month = '', date, hour, minute, second, year] = long
    const at = [Number(date), Number(hour), Number(minute), Number(second)] as const
    return point(Date.UTC(Number(year), monthNumber(month), ...at) / 1000)
  }
  const short = spoken.exec(input)
  if (short) return day(Number(short[3]), monthNumber(short[2] ?? ''), Number(short[1]))
  const iso = isoDate.exec(input)
  if (iso) return day(Number(iso[1]), Number(iso[2]) - 1, Number(iso[3]))
  const full = isoTime.exec(input)
  return full ? fromIsoTime(full, timeZone) : undefined
}

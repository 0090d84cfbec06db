import { defaultFormats } from './format-time.ts'
import type { Parameters } from './parameters.ts'

/** What the caller may choose, at login for the session or with each request (workbooks-api 1). */
export type Preferences = {
  readonly isStrict: boolean
  readonly isPerObject: boolean
  readonly isPretty: boolean
  readonly isEscaped: boolean
  readonly callback: string | undefined
  readonly formats: typeof defaultFormats
  readonly timeZone: string | undefined
}

const isZone = (name: string | undefined): name is string => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return name !== undefined
  } catch {
    return false
  }
}

export const readPreferences = (
  request: Parameters,
  login: Parameters | undefined,
): Preferences => {
  const first = (name: string): string | undefined => request.first(name) ?? login?.first(name)
  const isOn = (name: string): boolean =>
    request.first(name) === undefined ? (login?.isOn(name) ?? false) : request.isOn(name)
  const zone = login?.first('_time_zone')
  return {
    isStrict: isOn('_strict_attribute_checking'),
    isPerObject: isOn('_per_object_transactions'),
    isPretty: first('json') === 'pretty',
    isEscaped: first('json_utf8_encoding') === 'u4',
    callback: request.first('callback') ?? request.first('jsonp'),
    formats: {
      date: first('_json_output_date_format') ?? defaultFormats.date,
      time: first('_json_output_time_format') ?? defaultFormats.time,
      datetime: first('_json_output_datetime_format') ?? defaultFormats.datetime,
    },
    timeZone: isZone(zone) ? zone : undefined,
  }
}

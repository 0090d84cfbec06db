import { parseMultipart } from './parse-multipart.ts'

/** Query and body of one request as one list, in their order (workbooks-api 1). */
export type Parameters = {
  readonly entries: readonly (readonly [name: string, value: string])[]
  readonly first: (name: string) => string | undefined
  /** Every value under the name, with or without `[]`. */
  readonly all: (name: string) => readonly string[]
  readonly isOn: (name: string) => boolean
}

type Entry = readonly [name: string, value: string]

export const toParameters = (entries: readonly Entry[]): Parameters => {
  const first = (name: string): string | undefined =>
    entries.find(([key]) => key === name || key === `${name}[]`)?.[1]
  return {
    entries,
    first,
    all: (name) =>
      entries.filter(([key]) => key === name || key === `${name}[]`).map(([, value]) => value),
    isOn: (name) => ['true', '1', 't', 'on', 'yes', 'y'].includes(first(name) ?? ''),
  }
}

export const plainText = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value)

/** A JSON value as the text that a form would carry. */
export const toWireText = (value: unknown): string => {
  if (value === null || value === undefined) return ':null_value:'
  if (Array.isArray(value)) return `[${value.map(plainText).join(',')}]`
  return plainText(value)
}

/** A JSON body has the form's names without brackets: lists are rows (workbooks-api 1). */
const fromJson = (text: string): readonly Entry[] => {
  const parsed: unknown = JSON.parse(text)
  if (typeof parsed !== 'object' || parsed === null) return []
  return Object.entries(parsed).flatMap(([key, value]: [string, unknown]): readonly Entry[] =>
    Array.isArray(value)
      ? value.map((one): Entry => [key.endsWith('[]') ? key : `${key}[]`, toWireText(one)])
      : [[key, toWireText(value)]],
  )
}

const fromBody = (body: Buffer, contentType: string): readonly Entry[] => {
  if (body.length === 0) return []
  if (contentType.startsWith('multipart/form-data')) return parseMultipart(body, contentType)
  const text = body.toString('utf8')
  if (contentType.includes('json')) return fromJson(text)
  return [...new URLSearchParams(text)]
}

/** Throws on a body that is not what its Content-Type says. */
export const readParameters = (
  query: URLSearchParams,
  body: Buffer,
  contentType: string,
): Parameters => toParameters([...query, ...fromBody(body, contentType)])

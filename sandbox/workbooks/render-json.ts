import type { Preferences } from './preferences.ts'
import type { Random } from './seeded-random.ts'

/** Real answers come with their keys in any order (workbooks-api 1). */
export const shuffleKeys = (value: unknown, random: Random): unknown => {
  if (Array.isArray(value)) return value.map((one: unknown) => shuffleKeys(one, random))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(
    ([key, inner]: [string, unknown]) => [key, shuffleKeys(inner, random)] as const,
  )
  return Object.fromEntries(random.shuffle(entries))
}

type How = Pick<Preferences, 'isPretty' | 'isEscaped' | 'callback'>

const escapeBeyondAscii = (text: string): string =>
  text.replaceAll(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** The text and type of a JSON answer: plain, pretty, escaped, or wrapped in a callback. */
export const renderJson = (body: unknown, how: How): { contentType: string; text: string } => {
  const plain = how.isPretty ? JSON.stringify(body, null, 2) : JSON.stringify(body)
  const text = how.isEscaped ? escapeBeyondAscii(plain) : plain
  return how.callback === undefined
    ? { contentType: 'application/json; charset=utf-8', text }
    : { contentType: 'text/javascript; charset=utf-8', text: `${how.callback}(${text})` }
}

import { toMembers, toText } from '../http/to-members.ts'
import { toQuote } from '../http/to-quote.ts'

/** One thing that Workbooks objects to; `column` where it says which. */
export type Problem = { readonly column: string | undefined; readonly text: string }

const isColumn = (key: string) => !/^(\d+|\[\]|base|message|title|body|text)$/.test(key)

/**
 * Every text in a value of `errors` or `failures`, with the nearest key that may be a column. The
 * shapes vary with age: `[]`, `{}`, `{"[]":{…}}`, texts, arrays of texts, objects by column.
 */
export function toProblems(value: unknown, column?: string): readonly Problem[] {
  const text = toText(value)
  if (text !== undefined) return text.trim() === '' ? [] : [{ column, text }]
  return Object.entries(toMembers(value)).flatMap(([key, inner]) =>
    toProblems(inner, !Array.isArray(value) && isColumn(key) ? key : column),
  )
}

/** What a row is told when somebody saved it in between; it stands in many places (workbooks-api 5.4). */
const staleWords = /already been updated elsewhere/i

// The records themselves: what somebody wrote into a column says nothing about the request.
const contents = new Set(['affected_objects', 'data'])

/** Whether any text of an answer, or of a part of one, speaks of a lock conflict. */
export function isStale(value: unknown): boolean {
  const text = toText(value)
  if (text !== undefined) return staleWords.test(text)
  return Object.entries(toMembers(value)).some(
    ([key, inner]) => !contents.has(key) && isStale(inner),
  )
}

/** The problems of a whole answer, in one line. */
export function toProblemText(body: unknown): string {
  const { errors, failures, affected_object_errors: older } = toMembers(body)
  return toSentence([failures, errors, older].flatMap((part) => toProblems(part)))
}

export function toSentence(problems: readonly Problem[]): string {
  const lines = problems.map(({ column, text }) =>
    column === undefined ? text : `${column}: ${text}`,
  )
  return toQuote([...new Set(lines)].join('; '))
}

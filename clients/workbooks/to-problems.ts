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

import type { Behaviour } from './behaviour.ts'
import type { RowRequest } from './parse-rows.ts'
import type { RowResult } from './write-row.ts'
import type { Errors } from './write-columns.ts'

export const staleText = 'This record cannot be saved since it has already been updated elsewhere.'
export const unseenText = 'This record cannot be saved because the record is no longer accessible.'

type Written = {
  readonly rows: readonly RowRequest[]
  readonly results: readonly RowResult[]
  readonly className: string
}

/** Column to messages; what does not belong to a column stands under `base` (a guess of workbooks-api 5.6). */
const errorsOf = (result: RowResult): Errors => {
  switch (result.kind) {
    case 'written':
      return {}
    case 'stale':
      return { base: [staleText] }
    case 'unseen':
      return { base: [unseenText] }
    case 'invalid':
      return result.errors
    default:
      return result satisfies never
  }
}

const information = (result: RowResult): object => ({
  success: result.kind === 'written',
  errors: errorsOf(result),
  warnings: {},
})

const refreshHint = (className: string): string =>
  className
    .split('::')
    .map((part) => part.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`).toLowerCase())
    .join('_')

const affectedObjects = ({ rows, results }: Written, isKept: boolean): readonly object[] =>
  results.map((result, at) =>
    result.kind === 'written' && isKept
      ? result.affected
      : { id: rows[at]?.id ?? 0, lock_version: rows[at]?.lockVersion || 0 },
  )

/** The shape of 2009, still the only documented one: `errors` under `[]`, and a list for each object. */
const validationShape = ({ results }: Written): object => {
  const errors = results.map((result): Errors => (result.kind === 'invalid' ? result.errors : {}))
  const first = errors.find((one) => Object.keys(one).length > 0) ?? {}
  const flat = Object.entries<readonly string[]>(first).map(
    ([name, messages]) => [name, messages.join(', ')] as const,
  )
  return { errors: { '[]': Object.fromEntries(flat) }, affected_object_errors: errors }
}

const lockFailuresOf = ({ results }: Written): readonly string[] =>
  results.flatMap((result) =>
    result.kind === 'stale' || result.kind === 'unseen' ? (errorsOf(result)['base'] ?? []) : [],
  )

const failure = (written: Written, behaviour: Behaviour): object => {
  const inRows = {
    affected_objects: affectedObjects(written, false),
    affected_object_information: written.results.map(information),
  }
  const isLock = written.results.some(({ kind }) => kind === 'stale' || kind === 'unseen')
  if (!isLock) {
    const shape = validationShape(written)
    return behaviour.validationShape === '2009' ? shape : { ...shape, ...inRows }
  }
  if (behaviour.lockFailureShape === 'information') return inRows
  return { failures: lockFailuresOf(written), ...inRows }
}

/** Where each row stands for itself, the words about a lost race stand with the row, or on top alone. */
const details = (written: Written, behaviour: Behaviour): object => {
  const failures = lockFailuresOf(written)
  if (behaviour.lockFailureShape !== 'failures-of-each' || failures.length === 0)
    return { affected_object_information: written.results.map(information) }
  return {
    failures,
    affected_object_information: written.results.map((result) =>
      result.kind === 'stale' || result.kind === 'unseen'
        ? { success: false, errors: {}, warnings: {} }
        : information(result),
    ),
  }
}

/** The answer to a write (workbooks-api 5.2 to 5.6): HTTP 200 whatever became of the rows. */
export const toWriteAnswer = (
  written: Written,
  how: { readonly isPerObject: boolean; readonly behaviour: Behaviour },
): object => {
  const isWhole = written.results.every(({ kind }) => kind === 'written')
  if (!isWhole && !how.isPerObject) return { success: false, ...failure(written, how.behaviour) }
  return {
    success: true,
    affected_objects: affectedObjects(written, true),
    ...details(written, how.behaviour),
    updates: { data: { immediate: [refreshHint(written.className)] } },
    flash: 'saved successfully',
  }
}

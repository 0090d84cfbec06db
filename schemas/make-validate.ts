import {
  Ajv2020,
  type AnySchemaObject,
  type ErrorObject,
  type ValidateFunction,
} from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'

export type Validated<Value> =
  | { readonly kind: 'valid'; readonly value: Value }
  | { readonly kind: 'invalid'; readonly why: string }

/** Judges a value; compiles the schema at its first use, so that importing one costs nothing. */
export function makeValidate<Value>(
  schema: AnySchemaObject,
  parts: readonly AnySchemaObject[] = [],
): (value: unknown) => Validated<Value> {
  const check = lazily((): ValidateFunction<Value> => {
    const ajv = firstMistake()
    for (const part of parts) if (!ajv.schemas[String(part['$id'])]) ajv.addSchema(part)
    return ajv.compile(schema)
  })
  return (value) => {
    const isValid = check()
    if (isValid(value)) return { kind: 'valid', value }
    return { kind: 'invalid', why: toSentence(isValid.errors?.[0]) }
  }
}

/** Finds every mistake, each with the value that was found; compiled at its first use. */
export function makeFindMistakes(
  schema: AnySchemaObject,
): (value: unknown) => readonly ErrorObject[] {
  const check = lazily(() => makeAjv({ allErrors: true, verbose: true }).compile(schema))
  return (value) => {
    const isValid = check()
    return isValid(value) ? [] : (isValid.errors ?? [])
  }
}

// One for all: it compiles the draft's own schema only once.
const firstMistake = lazily(() => makeAjv({}))

function makeAjv(options: { readonly allErrors?: boolean; readonly verbose?: boolean }): Ajv2020 {
  const ajv = new Ajv2020({ ...options, strictTypes: false, strictRequired: false })
  ajvFormats.default(ajv)
  return ajv
}

function lazily<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined
  return () => (made ??= { value: make() }).value
}

function toSentence(error: ErrorObject | undefined): string {
  if (error === undefined) return 'it does not fit its schema'
  const where = error.instancePath.slice(1).replaceAll('/', '.')
  return `${where === '' ? 'the body' : where} ${error.message ?? 'does not fit'}`
}

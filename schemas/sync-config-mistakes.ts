import type { ErrorObject } from 'ajv/dist/2020.js'

/** One sentence for each mistake: its path, what was found, what is allowed. */
export function toMistakes(errors: readonly ErrorObject[]): readonly string[] {
  // `if` only announces that its `else` failed, which is there by itself.
  const sentences = errors.filter(({ keyword }) => keyword !== 'if').map(toSentence)
  return [...new Set(sentences)]
}

/** `/kinds/person/fields/3/outreach` -> `kinds.person.fields[3].outreach` */
export function toPath(pointer: string, member?: string): string {
  const steps = pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  const path = [...steps, ...(member === undefined ? [] : [member])].reduce(
    (path, step) =>
      /^\d+$/.test(step) ? `${path}[${step}]` : path === '' ? step : `${path}.${step}`,
    '',
  )
  return path === '' ? 'the file' : path
}

/** A found value as people would type it, cut where it is long. */
export function toFound(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

function toSentence(error: ErrorObject): string {
  const { keyword, instancePath, data } = error
  // Ajv types its parameters by keyword only loosely.
  const params = error.params as Readonly<Record<string, unknown>>

  if (keyword === 'additionalProperties') {
    const member = String(params['additionalProperty'])
    return `${toPath(instancePath, member)}: found a key that is not known; allowed: ${knownKeys(error)}`
  }
  if (keyword === 'required') {
    const member = String(params['missingProperty'])
    return `${toPath(instancePath, member)}: found nothing; allowed: ${member} must be given here`
  }
  return `${toPath(instancePath)}: found ${toFound(data)}; allowed: ${toAllowed(keyword, params)}`
}

function toAllowed(keyword: string, params: Readonly<Record<string, unknown>>): string {
  switch (keyword) {
    case 'enum':
      return toList(params['allowedValues']).map(toFound).join(', ')
    case 'type':
      return toList(params['type']).map(toTypeName).join(' or ')
    case 'minLength':
      return 'a text that is not empty'
    case 'maxLength':
      return `a text of at most ${String(params['limit'])} characters`
    case 'minItems':
      return 'a list that is not empty'
    default:
      return `what ${keyword} in sync-config.schema.json says`
  }
}

function toList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value]
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a text',
  boolean: 'true or false',
  object: 'an object { ... }',
  array: 'a list [ ... ]',
  number: 'a number',
}

function toTypeName(type: unknown): string {
  return typeNames[String(type)] ?? String(type)
}

function knownKeys({ parentSchema }: ErrorObject): string {
  const known: unknown = parentSchema?.['properties']
  return typeof known === 'object' && known !== null ? Object.keys(known).join(', ') : 'none'
}

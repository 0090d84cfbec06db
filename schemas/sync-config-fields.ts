import { kinds, outreachTypes, type Kind } from './kind.ts'
import {
  outreachAttribute,
  outreachNames,
  outreachRelationship,
  type OutreachType,
} from './outreach/attributes.ts'
import { toFound, toPath } from './sync-config-mistakes.ts'

/** Not an attribute that PATCH takes, yet ours to write: through other calls (mapping.md 2). */
const writtenOtherwise: Readonly<Partial<Record<OutreachType, readonly string[]>>> = {
  opportunity: ['opportunityProspectRole'],
  task: ['state'],
}

/**
 * What a JSON Schema cannot say of the `fields` lists: that the Outreach name exists, that it can be
 * written in this direction, that no column stands there twice. Looks past whatever else is wrong.
 */
export function findFieldMistakes(json: unknown): readonly string[] {
  return kinds.flatMap((kind) => {
    const fields = memberOf(memberOf(memberOf(json, 'kinds'), kind), 'fields')
    if (!Array.isArray(fields)) return []
    const entries: readonly unknown[] = fields
    return entries.flatMap((entry, index) => {
      const pointer = `/kinds/${kind}/fields/${index}`
      return [...findRepeated(entries, { index, pointer }), ...findUnwritable(kind, entry, pointer)]
    })
  })
}

type Place = { readonly index: number; readonly pointer: string }

function findRepeated(entries: readonly unknown[], { index, pointer }: Place): readonly string[] {
  const column = memberOf(entries[index], 'workbooks')
  const first = entries.findIndex((entry) => memberOf(entry, 'workbooks') === column)
  if (typeof column !== 'string' || first === index) return []
  return [
    `${toPath(pointer, 'workbooks')}: found ${toFound(column)} a second time; allowed: each column once (it stands in fields[${first}])`,
  ]
}

function findUnwritable(kind: Kind, entry: unknown, pointer: string): readonly string[] {
  const name = memberOf(entry, 'outreach')
  if (typeof name !== 'string' || name === '') return []

  const type = outreachTypes[kind]
  if (writtenOtherwise[type]?.includes(name) === true) return []

  const where = toPath(pointer, 'outreach')
  const target = findTarget(type, name)
  if (target === undefined) {
    return [`${where}: found ${toFound(name)}; allowed: ${toAllowedNames(type, name)}`]
  }
  if (target.mustPickFirst) {
    return [`${where}: found ${toFound(name)}, which is a list; allowed: ${toFound(`${name}[0]`)}`]
  }
  if (target.writable || memberOf(entry, 'direction') === 'receive') return []
  return [
    `${where}: found ${toFound(name)}, which Outreach does not let anybody write; allowed: "direction": "receive", or another attribute`,
  ]
}

type Target = { readonly writable: boolean; readonly mustPickFirst: boolean }

function findTarget(type: OutreachType, name: string): Target | undefined {
  const [, bare = name, first] = /^(.*?)(\[0\])?$/.exec(name) ?? []
  const attribute = outreachAttribute(type, bare)
  const isList = attribute?.type === 'array'
  if (attribute !== undefined && (isList || first === undefined)) {
    // Tags are a list as a whole too.
    return { writable: attribute.writable, mustPickFirst: isList && !first && bare !== 'tags' }
  }
  const relationship = outreachRelationship(type, name)
  if (relationship === undefined || relationship.many) return undefined
  return { writable: relationship.writable, mustPickFirst: false }
}

function toAllowedNames(type: OutreachType, name: string): string {
  const bare = name.replace(/\[.*$/, '').toLowerCase()
  const near = outreachNames(type).filter((known) => isNear(known.toLowerCase(), bare))
  const example = near.length > 0 ? `, perhaps ${near.slice(0, 3).join(' or ')}` : ''
  return `an attribute or to-one relationship of an Outreach ${type} (outreach/attributes.json)${example}`
}

/** Equal but for one letter, or one within the other. */
function isNear(known: string, typed: string): boolean {
  if (typed.length > 3 && (known.includes(typed) || typed.includes(known))) return true
  if (Math.abs(known.length - typed.length) > 1) return false
  let start = 0
  while (start < typed.length && known[start] === typed[start]) start += 1
  let end = 0
  while (end < typed.length - start && known.at(-1 - end) === typed.at(-1 - end)) end += 1
  const differing = Math.max(known.length, typed.length) - start - end
  // Two letters that changed places are one slip as well.
  return differing <= 2
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  // An own member of an object: reading it is all that is done with it.
  return (value as Readonly<Record<string, unknown>>)[name]
}

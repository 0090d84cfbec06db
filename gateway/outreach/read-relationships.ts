import { toRecordId } from '../to-record-id.ts'

type Links = Readonly<Record<string, string | null>>

/**
 * To-one relationships by name, whichever way they are written: `{type,id}`, `{data:{id}}`, and for a
 * cleared one null, `{data:null}`, `{id:null}` or `{id:0}`. What is none of these is left out.
 */
export function readRelationships(relationships: unknown): Links {
  if (typeof relationships !== 'object' || relationships === null) return {}
  const links = Object.entries(relationships).flatMap(([name, relationship]) => {
    const id = readLink(relationship)
    return id === undefined ? [] : [[name, id] as const]
  })
  return Object.fromEntries(links)
}

/** The other record's id, null where cleared, undefined where it is not a to-one relationship. */
export function readLink(relationship: unknown): string | null | undefined {
  if (relationship === null) return null
  if (typeof relationship !== 'object' || Array.isArray(relationship)) return undefined
  if ('data' in relationship) {
    const { data } = relationship
    return isUnwrapped(data) ? readLink(data) : undefined
  }
  if (!('id' in relationship)) return undefined
  const { id } = relationship
  return id === null || id === 0 || id === '0' ? null : toRecordId(id)
}

/** One wrapper is a form; a wrapper in a wrapper is none. */
function isUnwrapped(data: unknown): boolean {
  return data === null || (typeof data === 'object' && !('data' in data))
}

import { toMembers, toText, type Members } from '../http/to-members.ts'
import type { OutreachRecord, OutreachValues } from './outreach-client.ts'

/** The record in one JSON:API resource object; undefined where it is none. */
export function toOutreachRecord(resource: unknown, readAt: number): OutreachRecord | undefined {
  const { type, id, attributes, relationships } = toMembers(resource)
  const idText = toText(id)
  if (typeof type !== 'string' || idText === undefined) return undefined
  const links: Record<string, string | null> = {}
  for (const [name, relationship] of Object.entries(toMembers(relationships))) {
    const link = toLink(relationship)
    if (link !== undefined) links[name] = link
  }
  return { type, id: idText, attributes: toMembers(attributes), links, readAt }
}

/** Undefined for what is no to-one relationship: lists, links only, nothing at all (outreach-api 3.1). */
function toLink(relationship: unknown): string | null | undefined {
  const { data } = toMembers(relationship)
  if (data === null) return null
  return Array.isArray(data) ? undefined : toText(toMembers(data)['id'])
}

type Named = { readonly type: string; readonly id?: string }

/** The body of a create (no id) or an update; ids are JSON numbers on Outreach's wire. */
export function toOutreachBody(
  { type, id }: Named,
  { attributes, links }: OutreachValues,
): Members {
  const relationships = Object.fromEntries(
    Object.entries(links ?? {}).map(([name, link]) => [
      name,
      { data: link && { type: link.type, id: toWireId(link.id) } },
    ]),
  )
  return {
    data: {
      type,
      ...(id === undefined ? {} : { id: toWireId(id) }),
      attributes,
      ...(links === undefined ? {} : { relationships }),
    },
  }
}

function toWireId(id: string): number | string {
  return /^\d{1,15}$/.test(id) ? Number(id) : id
}

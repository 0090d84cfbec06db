import { outreachRelationship, type OutreachType } from '../../../schemas/outreach/attributes.ts'
import type { Fingerprinted, PolledResource, Polling } from '../../../schemas/polling.ts'
import { isLink, outreachNamesOf } from '../fields/field.ts'
import { isMembersField } from '../members/member-values.ts'
import type { Members } from '../members/members.ts'
import type { AlsoPolled, Kind } from './kind.ts'

/** What makes the version of a row that relates a person to a record. */
export function toFingerprintedRow({
  roleAttribute,
  ownerLink,
  memberLink,
}: Members): Fingerprinted {
  return { attributes: [roleAttribute], links: [ownerLink, memberLink] }
}

/**
 * What makes the version of an Outreach record: whatever a sync reads of it to decide anything. That is
 * each mapped attribute and link, what allows its creation, our reference, and whether it is trashed.
 */
export function toFingerprinted({
  fields,
  policy,
  reference,
  outreach,
}: Pick<Kind, 'fields' | 'policy' | 'reference' | 'outreach'>): Fingerprinted {
  const conditions = (policy.createInWorkbooks ?? []).map(({ attribute }) => attribute)
  const isRelationship = (name: string) => hasRelationship(outreach, name)
  return {
    attributes: toSet([
      ...fields.filter(isAttribute).flatMap(outreachNamesOf),
      ...conditions.filter((name) => !isRelationship(name)),
      reference,
      'trashedAt',
    ]),
    links: toSet([
      ...fields.filter(isLink).map((field) => field.outreach),
      ...conditions.filter(isRelationship),
    ]),
  }
}

/** People stand in rows of their own, which are no attribute of the record. */
function isAttribute(field: Kind['fields'][number]): boolean {
  return !isLink(field) && !isMembersField(field)
}

/** How a kind's records are found without webhooks. */
export function toPolling(kind: Kind): Polling {
  const { name, workbooks, columns, fields, outreach, fingerprinted, alsoPolled = [] } = kind
  const { syncToOutreach, outreachSyncError, outreachId } = columns
  // What it does not stop is polled (rulebook 3, condition 3).
  const outreachDuplicate = kind.duplicateStops === 'receiving' ? null : columns.outreachDuplicate
  const own = { type: outreach.type, ...fingerprinted, every: 1, oauthOnly: false }
  const more = alsoPolled.flatMap((one) => (one.kind === 'more' ? [one.filter ?? {}] : []))
  return {
    kind: name,
    workbooks: {
      type: workbooks.type,
      controller: workbooks.controller,
      columns: { syncToOutreach, outreachSyncError, outreachDuplicate, outreachId },
      linkedPassFlags: fields.some(({ form }) => form === 'opt-out'),
    },
    outreach: [
      own,
      ...alsoPolled.filter((one) => isWanted(one, kind)).map((one) => toResource(one, own)),
      ...fields.filter(isMembersField).map(({ members }) => toRowList(members, outreach.type)),
    ],
    createsFrom: [{}, ...more].filter((filter) => mayCreateFrom(filter, kind)),
  }
}

/** Whether records that such a list shows can meet the conditions of `createInWorkbooks` (rulebook 6). */
function mayCreateFrom(
  filter: Readonly<Record<string, string>>,
  { policy }: Pick<Kind, 'policy'>,
): boolean {
  return (
    policy.createInWorkbooks?.every(({ attribute, is }) => {
      const listed = filter[attribute]
      return listed === undefined || is.some((value) => String(value) === listed)
    }) ?? false
  )
}

/** The part whose attributes nobody maps is not asked for. */
function isWanted(one: AlsoPolled, { fields }: Pick<Kind, 'fields'>): boolean {
  if (one.kind === 'more' || one.makes === undefined) return true
  const { makes } = one
  return fields.some((field) => makes.includes(field.outreach))
}

function toResource(one: AlsoPolled, own: PolledResource): PolledResource {
  if (one.kind === 'more') {
    const { filter, every } = one
    return { ...own, every, ...(filter === undefined ? {} : { filter }) }
  }
  const { type, attributes, links, link, every, oauthOnly } = one
  return {
    ...{ type, attributes, every, oauthOnly },
    links: toSet([link, ...links]),
    about: { link, type: own.type },
  }
}

/** People on a record, who may come and go without it (outreach-api 3.4); OAuth only (2.3). */
function toRowList(members: Members, type: string): PolledResource {
  return {
    type: members.rowType,
    ...toFingerprintedRow(members),
    ...{ every: 1, oauthOnly: true },
    about: { link: members.ownerLink, type },
    isSet: true,
  }
}

function hasRelationship({ type }: Pick<Kind['outreach'], 'type'>, name: string): boolean {
  // The kinds name only types of that table.
  return outreachRelationship(type as OutreachType, name)?.many === false
}

function toSet(names: readonly string[]): readonly string[] {
  return [...new Set(names)]
}

import type { Call } from '../../../clients/call.ts'
import { SetupFault } from '../../../clients/errors.ts'
import type { OutreachClient, OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import { typeOfSet, versionOfSet } from '../../../schemas/fingerprint.ts'
import type { PolledResource } from '../../../schemas/polling.ts'
import { toRecordRef } from '../../../schemas/record-ref.ts'
import type { Versions } from '../../../state/versions.ts'
import { normaliseRecord } from '../../outreach/normalise-record.ts'
import type { Found } from '../found.ts'

type Deps = {
  readonly outreach: Pick<OutreachClient, 'search' | 'isOAuth'>
  readonly versions: Versions
  readonly traceparent: () => string
  readonly now: () => number
}

type Asked = {
  /** The list of such rows (`isSet`). */
  readonly list: PolledResource
  /** The records that they may belong to. */
  readonly records: readonly OutreachRecord[]
  readonly call: Call
}

// Several rows for each of a hundred records; more in one page fail now and then (outreach-api 12).
const pageSize = 500

/**
 * Of these records those whose rows are not, all together, as they were handled: one that is gone is in no
 * list. One call for a hundred records; none where the credentials do not reach such rows.
 */
export async function sweepSets(deps: Deps, asked: Asked): Promise<readonly Found[]> {
  const { outreach, versions, traceparent, now } = deps
  const { list, records } = asked
  if (records.length === 0 || (list.oauthOnly && !outreach.isOAuth)) return []
  const rows = await readRows(outreach, asked)
  if (rows === undefined) return []
  const type = typeOfSet(list)
  const ids = records.map(({ id }) => id)
  const known = await versions.read('outreach', type, ids)
  return records.flatMap((record) => {
    const { id } = record
    const own = rows.filter(({ links }) => links[list.about?.link ?? ''] === id)
    const version = versionOfSet(list, own)
    const { handled, published, handlings = 0 } = known.get(id) ?? {}
    if (version === handled || version === published) return []
    const foundAt = now()
    const about = { type: record.type, id }
    const told = { about, version, foundAt, traceparent: traceparent() }
    const entry = normaliseRecord(record, told)
    if (entry === undefined) return []
    const ref = toRecordRef({ system: 'outreach', ...about })
    const set = { system: 'outreach', type, id, version, handlings } as const
    // When a row went nobody tells, so that nobody can say what announced it.
    return [{ ref, resource: type, version, published: [set], changedAt: 0, foundAt, entry }]
  })
}

/** Undefined: the credentials do not reach them. */
async function readRows(
  outreach: Deps['outreach'],
  { list, records, call }: Asked,
): Promise<readonly OutreachRecord[] | undefined> {
  const { type, about, attributes, links } = list
  const ids = records.map(({ id }) => id)
  const query = {
    filter: { [`${about?.link ?? ''}.id`]: ids.join(',') },
    fields: { [type]: [...attributes, ...links] },
    size: pageSize,
  }
  try {
    return await outreach.search(type, query, call)
  } catch (error) {
    if (error instanceof SetupFault) return undefined
    throw error
  }
}

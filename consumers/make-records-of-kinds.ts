import type { OutreachClient } from '../clients/outreach/outreach-client.ts'
import type { WorkbooksClient } from '../clients/workbooks/workbooks-client.ts'
import { makeRecords, type Records } from './sync/batching/make-records.ts'
import type { LinksOfRow } from './sync/hint.ts'
import type { Kind } from './sync/kinds/kind.ts'
import type { LeftAlone } from './sync/left-alone.ts'
import { makeKnownRows } from './sync/members/known-rows.ts'
import { makeMemberRows } from './sync/members/make-member-rows.ts'

type Deps = {
  readonly outreach: OutreachClient
  readonly workbooks: WorkbooksClient
  readonly leftAlone: LeftAlone
  readonly now: () => number
}

/** The batched reads and writes of every kind, and what they have seen of rows. */
export type RecordsOfKinds = {
  readonly recordsByKind: ReadonlyMap<string, Records>
  readonly recordsOf: (kind: Kind) => Records
  readonly linksOfRow: LinksOfRow
}

export function makeRecordsOfKinds(deps: Deps, kinds: readonly Kind[]): RecordsOfKinds {
  const { outreach, workbooks } = deps
  const known = makeKnownRows()
  const make = (kind: Kind): Records => {
    const { members } = kind.fields.find((field) => field.members !== undefined) ?? {}
    const rows =
      members === undefined
        ? undefined
        : makeMemberRows({ ...deps, kind: kind.name, members, known })
    return makeRecords({ kind, outreach, workbooks, rows })
  }
  const recordsByKind = new Map(kinds.map((kind) => [kind.name, make(kind)]))
  return {
    recordsByKind,
    recordsOf: (kind) => recordsByKind.get(kind.name) ?? make(kind),
    linksOfRow: known.linksOf,
  }
}

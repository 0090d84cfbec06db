import type { OutreachClient } from '../clients/outreach/outreach-client.ts'
import type { WorkbooksClient } from '../clients/workbooks/workbooks-client.ts'
import type { StateStore } from '../state/state-store.ts'
import type { ConsumerSignals } from './consumer-signals.ts'
import { makeRecords, type Records } from './sync/batching/make-records.ts'
import type { LinksOfRow } from './sync/hint.ts'
import type { Kind } from './sync/kinds/kind.ts'
import { makeLeftAlone } from './sync/left-alone.ts'
import { makeKnownRows } from './sync/members/known-rows.ts'
import { makeMemberRows } from './sync/members/make-member-rows.ts'

type Deps = {
  readonly store: StateStore
  readonly outreach: OutreachClient
  readonly workbooks: WorkbooksClient
  readonly now: () => number
  readonly signals: Pick<ConsumerSignals, 'leftAlone'>
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
  const leftAlone = makeLeftAlone(deps)
  const make = (kind: Kind): Records => {
    const { members } = kind.fields.find((field) => field.members !== undefined) ?? {}
    const rows =
      members === undefined
        ? undefined
        : makeMemberRows({ ...deps, kind: kind.name, members, leftAlone, known })
    return makeRecords({ kind, outreach, workbooks, rows })
  }
  const recordsByKind = new Map(kinds.map((kind) => [kind.name, make(kind)]))
  return {
    recordsByKind,
    recordsOf: (kind) => recordsByKind.get(kind.name) ?? make(kind),
    linksOfRow: known.linksOf,
  }
}

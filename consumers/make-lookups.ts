import type { Call } from '../clients/call.ts'
import type { OutreachClient } from '../clients/outreach/outreach-client.ts'
import type { WorkbooksClient } from '../clients/workbooks/workbooks-client.ts'
import type { SyncConfig } from '../schemas/sync-config.ts'
import type { ConsumerSignals } from './consumer-signals.ts'
import type { Records } from './sync/batching/make-records.ts'
import type { LeftAlone } from './sync/left-alone.ts'
import { makeOwners, type Owners } from './sync/owners.ts'
import { makeParties, type Parties } from './sync/relations/parties.ts'
import { makeStages, type Stages } from './sync/stages.ts'

type Deps = {
  readonly outreach: OutreachClient
  readonly workbooks: WorkbooksClient
  readonly config: SyncConfig
  readonly recordsByKind: ReadonlyMap<string, Records>
  readonly leftAlone: LeftAlone
  readonly now: () => number
  readonly signals: Pick<ConsumerSignals, 'ownersUnknown'>
}

/** What values name beside records: owners, stages, and whether a customer is an organisation. */
export type Lookups = {
  readonly owners: Owners
  readonly stages: Stages
  readonly parties: Parties
}

/** Of a kind that this product does not have. */
const unseen = { kind: 'unseen' } as const

export function makeLookups({ config, recordsByKind, leftAlone, signals, ...deps }: Deps): Lookups {
  const { match = 'username', users = {} } = config.owner ?? {}
  const { opportunityStages: table = {} } = config
  const read = (kind: string, id: string, call: Call) =>
    recordsByKind.get(kind)?.readWorkbooks(id, call) ?? Promise.resolve(unseen)
  return {
    owners: makeOwners({ ...deps, rule: { match, users }, signals }),
    stages: makeStages({ ...deps, table, leftAlone }),
    parties: makeParties({ read, now: deps.now }),
  }
}

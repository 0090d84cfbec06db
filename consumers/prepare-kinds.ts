import { isCallError, SystemAway } from '../clients/errors.ts'
import type { SystemGate } from '../clients/system-gate.ts'
import type { OutreachClient } from '../clients/outreach/outreach-client.ts'
import type { WorkbooksClient, WorkbooksFieldInfo } from '../clients/workbooks/workbooks-client.ts'
import type { SyncConfig } from '../schemas/sync-config.ts'
import { writeFact, type Facts } from '../state/facts.ts'
import type { StateStore } from '../state/state-store.ts'
import { openConnections } from './settle-connections.ts'
import type { Connection } from './sync/connection.ts'
import type { Kind, KindDefinition } from './sync/kinds/kind.ts'
import { fitToDatabase, settleKind } from './sync/kinds/settle-kind.ts'

type Deps = {
  readonly store: StateStore
  readonly facts: Facts
  readonly outreach: Pick<OutreachClient, 'page' | 'clockOffsetMs'>
  readonly workbooks: Pick<WorkbooksClient, 'metadata' | 'clockOffsetMs'>
  readonly gates: readonly Pick<SystemGate, 'whenOpen'>[]
  readonly config: SyncConfig
  readonly now: () => number
  readonly wait: (ms: number) => Promise<void>
  readonly signals: {
    readonly kindPaused: (facts: { kind: string; why: string }) => void
    readonly columnsAbsent: (facts: { kind: string; columns: readonly string[] }) => void
  }
}

export type Prepared = {
  /** Those that are kept in step. */
  readonly kinds: readonly Kind[]
  /** Those that are switched off, each with the sentence why. */
  readonly off: readonly { readonly kind: Kind; readonly reason: string }[]
  /** By a kind's name: when it was first connected (rulebook 3). */
  readonly connectionOf: (kind: string) => Connection
}

/** What a kind is doing, for `ops status`, as the consumers last found it. */
export type KindFact = { readonly enabled: boolean; readonly reason: string | null }

/**
 * Settles every kind against the customer's configuration and database. Waits while a system is away:
 * nothing is handled before it is known how.
 */
export async function prepareKinds(
  deps: Deps,
  definitions: readonly KindDefinition[],
  signal: AbortSignal,
): Promise<Prepared> {
  const askOutreach = async (): Promise<void> => {
    await insist(deps, signal, () => deps.outreach.page('user', { size: 1 }, { lane: 'live' }))
  }
  const connections = await openConnections({ ...deps, askOutreach })
  const settledConnections = new Map<string, Connection>()
  const kinds: Kind[] = []
  const off: { kind: Kind; reason: string }[] = []
  for (const definition of definitions) {
    const settled = settleKind(definition, configOf(deps.config, definition.name))
    if (!settled.policy.enabled) {
      const reason = 'It is switched off in the configuration.'
      await tellKind(deps, settled.name, reason)
      off.push({ kind: settled, reason })
      continue
    }
    const metadata = await insist(deps, signal, () => readMetadata(deps, settled))
    const fitted = fitToDatabase(settled, metadata)
    if (fitted.absent.length > 0) {
      deps.signals.columnsAbsent({ kind: settled.name, columns: fitted.absent })
    }
    if (fitted.missing.length > 0) {
      const reason = `Workbooks has no column ${fitted.missing.join(', ')}; create it, or name another under kinds.${settled.name}.columns in the configuration, and start again.`
      deps.signals.kindPaused({ kind: settled.name, why: reason })
      await tellKind(deps, settled.name, reason)
      off.push({ kind: settled, reason })
      continue
    }
    settledConnections.set(settled.name, await connections.settle(settled.name))
    await tellKind(deps, settled.name, null)
    kinds.push(fitted.kind)
  }
  // Of a kind that is off nothing is decided.
  const { ofProduct } = connections
  const unsettled = { outreach: ofProduct, workbooks: ofProduct }
  return { kinds, off, connectionOf: (kind) => settledConnections.get(kind) ?? unsettled }
}

/** What the configuration says of a kind. */
export function configOf({ kinds = {} }: SyncConfig, name: string) {
  return Object.entries(kinds).find(([kind]) => kind === name)?.[1] ?? {}
}

async function readMetadata(
  { workbooks }: Deps,
  kind: Kind,
): Promise<ReadonlyMap<string, WorkbooksFieldInfo> | undefined> {
  const metadata = await workbooks.metadata(kind.workbooks.className, { lane: 'live' })
  // Metadata that names nothing of a record is no metadata.
  return metadata === undefined || metadata.size === 0 ? undefined : metadata
}

async function tellKind({ store }: Deps, name: string, reason: string | null): Promise<void> {
  const fact: KindFact = { enabled: reason === null, reason }
  await store.write([writeFact(`kind:${name}`, JSON.stringify(fact))])
}

/** A question that fails by itself, while the system is there, is given up after so many tries. */
const mostFailures = 3

/** Asks until the system answers; what it refuses or cannot answer is `undefined`, and is no obstacle. */
async function insist<Answer>(
  { gates, wait }: Deps,
  signal: AbortSignal,
  ask: () => Promise<Answer>,
): Promise<Answer | undefined> {
  for (let failures = 0; failures < mostFailures;) {
    try {
      return await ask()
    } catch (error) {
      if (!isCallError(error)) throw error
      signal.throwIfAborted()
      if (error instanceof SystemAway) {
        // A wait of its own as well: a gate may be open again at once, and the answer as odd as before.
        await Promise.all(gates.map((gate) => gate.whenOpen(signal)))
      } else if (error.name === 'CallFailed') failures += 1
      else return undefined
      await wait(failures === 0 ? 250 : 500 * failures)
      signal.throwIfAborted()
    }
  }
  return undefined
}

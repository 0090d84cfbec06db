import type { Polling } from '../../schemas/polling.ts'
import { makeFacts } from '../../state/facts.ts'
import { makePauses } from '../../state/pauses.ts'
import type { StateStore } from '../../state/state-store.ts'

export type KindNow = {
  readonly polling: Polling
  /** Epoch seconds, by Outreach's clock: when this kind was first synchronised (rulebook 3). */
  readonly connectedAt: number
}

/**
 * The kinds that are switched on and not paused, each with its first connection; undefined before the
 * consumers have said of every kind whether it is on. A system that is paused pauses all.
 */
export async function readKindsNow(
  store: Pick<StateStore, 'read'>,
  pollings: readonly Polling[],
): Promise<readonly KindNow[] | undefined> {
  const facts = makeFacts(store)
  const [connected, told, paused] = await Promise.all([
    facts.readAll('connected_at'),
    facts.readAll('kind:'),
    makePauses(store).all(),
  ])
  const stands = new Set(paused.map(({ what }) => what))
  const areAllKnown = pollings.every(({ kind }) => told.has(`kind:${kind}`))
  if (!areAllKnown || !connected.has('connected_at')) return undefined
  if (stands.has('outreach') || stands.has('workbooks')) return []
  return pollings
    .filter(({ kind }) => isEnabled(told.get(`kind:${kind}`)) && !stands.has(kind))
    .map((polling) => {
      const at = connected.get(`connected_at:${polling.kind}`) ?? connected.get('connected_at')
      return { polling, connectedAt: Number(at) }
    })
}

function isEnabled(text: string | undefined): boolean {
  if (text === undefined) return false
  // Only the consumers write facts of this name.
  const fact = JSON.parse(text) as { readonly enabled: boolean }
  return fact.enabled
}

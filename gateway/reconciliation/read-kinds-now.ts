import type { Polling } from '../../schemas/polling.ts'
import type { System } from '../../schemas/record-ref.ts'
import { makeFacts } from '../../state/facts.ts'
import { makePauses } from '../../state/pauses.ts'
import type { StateStore } from '../../state/state-store.ts'

/** A kind that is on, and when it was first connected: epoch seconds, by each system's clock (rulebook 3). */
export type KindNow = {
  readonly polling: Polling
  readonly connectedAt: Readonly<Record<System, number>>
}

type KindsOn = {
  readonly on: readonly KindNow[]
  /** The product is connected, and the consumers have said of every kind whether it is on. */
  readonly areAllKnown: boolean
}

/** The kinds that are switched on, paused or not; none before the product was first connected. */
export async function readKindsOn(
  store: Pick<StateStore, 'read'>,
  pollings: readonly Polling[],
): Promise<KindsOn> {
  const facts = makeFacts(store)
  const [told, connected] = await Promise.all([
    facts.readAll('kind:'),
    facts.readAll('connected_at'),
  ])
  const on = pollings
    .filter(({ kind }) => isEnabled(told.get(`kind:${kind}`)))
    .flatMap((polling): KindNow[] => {
      const ofProduct = connected.get('connected_at')
      const outreach = connected.get(`connected_at:${polling.kind}`) ?? ofProduct
      if (outreach === undefined) return []
      // Told together with the other one.
      const workbooks = connected.get(`connected_at_workbooks:${polling.kind}`) ?? outreach
      return [
        { polling, connectedAt: { outreach: Number(outreach), workbooks: Number(workbooks) } },
      ]
    })
  const isConnected = connected.has('connected_at')
  return { on, areAllKnown: isConnected && pollings.every(({ kind }) => told.has(`kind:${kind}`)) }
}

/**
 * Those of them that are not paused; undefined before the consumers have said of every kind whether it is
 * on. A system that is paused pauses all.
 */
export async function readKindsNow(
  store: Pick<StateStore, 'read'>,
  pollings: readonly Polling[],
): Promise<readonly KindNow[] | undefined> {
  const [{ on, areAllKnown }, paused] = await Promise.all([
    readKindsOn(store, pollings),
    makePauses(store).all(),
  ])
  if (!areAllKnown) return undefined
  const stands = new Set(paused.map(({ what }) => what))
  if (stands.has('outreach') || stands.has('workbooks')) return []
  return on.filter(({ polling }) => !stands.has(polling.kind))
}

function isEnabled(text: string | undefined): boolean {
  if (text === undefined) return false
  // Only the consumers write facts of this name.
  const fact = JSON.parse(text) as { readonly enabled: boolean }
  return fact.enabled
}

import { kinds, type Kind } from '../schemas/kind.ts'
import { makeBackfills, orderBackfill, stopBackfill } from '../state/backfills.ts'
import { ConstraintBroken } from '../state/constraint-broken.ts'
import type { StateStore } from '../state/state-store.ts'
import type { BackfillAsked, BackfillDeps } from './backfill.ts'
import { toBackfillStatus } from './to-backfill-status.ts'

type Deps = {
  readonly store: Pick<StateStore, 'read' | 'write'>
  readonly builtKinds: readonly string[]
  readonly now: () => number
  readonly randomId: () => string
  readonly wait: (ms: number) => Promise<void>
  /** Whoever works on backfills in this process looks now, others within a second. */
  readonly changed: () => Promise<void>
}

/** Shorter than the command line waits for an answer. */
const longestMs = 5_000
const lookMs = 50

const mostListed = 50

/** Backfills are ordered, counted and worked on through the state, by whichever process (product 6). */
export function makeBackfillOrders(deps: Deps): BackfillDeps['backfills'] {
  const { store, now } = deps
  const backfills = makeBackfills(store)

  async function order(kind: Kind, isPlan: boolean): Promise<BackfillAsked> {
    if (!deps.builtKinds.includes(kind)) {
      const why = `There is no sync of ${kind}; records of ${deps.builtKinds.join(', ')} are synchronised in this version.`
      return { kind: 'refused', why }
    }
    const id = deps.randomId()
    try {
      await store.write([orderBackfill({ id, kind, of: 'unlinked', isPlan }, now())])
    } catch (error) {
      if (!(error instanceof ConstraintBroken)) throw error
      const why = `A backfill of ${kind} is under way. See it with "ops backfills", or stop it first: ops backfill stop ${kind}`
      return { kind: 'refused', why }
    }
    await deps.changed()
    return { kind: 'asked', backfill: await whenCounted(id) }
  }

  async function whenCounted(id: string) {
    const until = now() + longestMs
    for (;;) {
      const backfill = await backfills.byId(id)
      if (backfill === undefined) throw new Error('A backfill that was ordered is not there')
      if (backfill.state !== 'ordered' || now() >= until) return toBackfillStatus(backfill, now())
      await deps.wait(lookMs)
    }
  }

  async function stop(which: string) {
    const open = await backfills.open()
    // Old pairs are met once for ever: stopping that would leave them unmet for ever.
    const meant = open.filter(
      ({ id, kind, of }) =>
        of === 'unlinked' && (which === 'all' || which === kind || which === id),
    )
    if (meant.length === 0 && !(await isKnown(which))) return undefined
    for (const { id } of meant) await store.write([stopBackfill(id)])
    const after = await Promise.all(meant.map(({ id }) => backfills.byId(id)))
    return after.flatMap((one) => (one === undefined ? [] : [toBackfillStatus(one, now())]))
  }

  async function isKnown(which: string): Promise<boolean> {
    if (which === 'all' || kinds.some((kind) => kind === which)) return true
    return (await backfills.byId(which)) !== undefined
  }

  return {
    order,
    stop,
    list: async () => (await backfills.list(mostListed)).map((one) => toBackfillStatus(one, now())),
  }
}

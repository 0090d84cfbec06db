import type { Statement } from '../../../state/state-store.ts'
import { expandMembers } from '../members/expand-members.ts'
import { withLostRows } from '../members/lost-rows.ts'
import { readMemory } from '../merge/memory.ts'
import { toArrivedOutcomes } from './merge-outcomes.ts'
import { mergePair, type Both, type HowMet, type PairMerge } from './merge-pair.ts'
import { noteBoth } from './note-records.ts'
import { settle } from './settle.ts'
import type { SyncDeps, Work } from './work.ts'

type Opened<Met> = {
  /** With a field of its own for every person who belongs to the record. */
  readonly work: Work
  /** With the rows that a list does not show, and that are there. */
  readonly both: Met
  readonly merge: PairMerge
}

/** Completes what was read of both records, notes it as acted on, and decides all fields; writes nothing. */
export async function openMerge<Met extends Both & HowMet>(
  deps: SyncDeps,
  asked: Work,
  met: Met,
): Promise<Opened<Met>> {
  const memory = readMemory(met.pair.memory)
  const shown = await withLostRows(asked, { o: met.o, memory })
  const both = { ...met, o: shown.o }
  const work = await expandMembers(deps, shown.work, { ...both, memory })
  noteBoth(work, both)
  return { work, both, merge: await mergePair(deps, work, both) }
}

type Arrived = {
  readonly merge: PairMerge
  /** That keep what is known of the pair by now. */
  readonly statements: readonly Statement[]
}

/** A write whose answer was lost is settled by this merge: what it did and decided is told first. */
export async function tellArrived(
  deps: SyncDeps,
  work: Work,
  { merge, statements }: Arrived,
): Promise<boolean> {
  if (merge.arrived === undefined) return false
  await settle(deps, work, { outcomes: toArrivedOutcomes(deps, work, merge), statements })
  return true
}

import type { Subscribe } from '../event-log.ts'
import type { BrokerCalls } from './broker-calls.ts'
import type { Place, PlacedOffset } from './place.ts'

export type GroupStart = {
  /** All partitions of the topics. */
  readonly places: readonly Place[]
  /** Where those that the group never committed begin: kept, or remembered here. */
  readonly starts: readonly PlacedOffset[]
}

/**
 * Fixes where a group begins before it joins, for all partitions at once, and commits it: what comes
 * later is not missed by a group that begins at the end, whoever is given a partition and whoever
 * dies. While others of the group run the broker refuses that; they have done it themselves, and for
 * topics that are new to them the positions are remembered.
 */
export async function fixGroupStart(
  calls: Pick<BrokerCalls, 'partitionsOf' | 'committed' | 'offsetsAt' | 'commitFromOutside'>,
  group: string,
  { topics, startFrom }: Pick<Subscribe, 'topics' | 'startFrom'>,
): Promise<GroupStart> {
  const places = await calls.partitionsOf(topics)
  const missing = placesWithout(places, await calls.committed(group, places))
  if (missing.length === 0) return { places, starts: [] }
  const starts = await calls.offsetsAt(missing, startFrom)
  await calls.commitFromOutside(group, starts)
  return { places, starts }
}

/** Where each partition goes on: at its commit, else where the group began, else at its beginning. */
export async function findStarts(
  calls: Pick<BrokerCalls, 'committed' | 'offsetsAt'>,
  group: string,
  { places, starts }: GroupStart,
): Promise<readonly PlacedOffset[]> {
  if (places.length === 0) return []
  const committed = await calls.committed(group, places)
  const missing = placesWithout(places, committed)
  const remembered = starts.filter((start) => missing.some((place) => isSame(place, start)))
  const fresh = placesWithout(missing, remembered)
  const begun = fresh.length === 0 ? [] : await calls.offsetsAt(fresh, 'beginning')
  return [...committed, ...remembered, ...begun]
}

function placesWithout(places: readonly Place[], known: readonly Place[]): readonly Place[] {
  return places.filter((place) => !known.some((one) => isSame(place, one)))
}

const isSame = (one: Place, other: Place) =>
  one.topic === other.topic && one.partition === other.partition

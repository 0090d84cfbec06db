/** A way through all that changed, in its order, that was not at its end yet. */
export type Walk = {
  /** Epoch seconds of the last record that was read, by its system's clock. */
  readonly time: number
  /** Whatever was read on it so far can have gained nothing since. */
  readonly isFinal: boolean
}

/** One page of a walk. */
export type PageRead = {
  /** Epoch seconds of its last record; undefined: it was the last page. */
  readonly upTo: number | undefined
  /** Up to here (epoch seconds) nothing that was not in it will come to light any more. */
  readonly finalUntil: number
}

export type Progress = {
  /** Epoch seconds: what changed before was found, and nothing more of it will come to light. */
  readonly floor: number
}

/**
 * How far it is certain that everything was found, once a page was read. It stays where a page was the
 * first to be read too soon: what came to light behind it is met when the floor is asked for again.
 */
export function floorAfter({ floor }: Progress, walk: Walk, page: PageRead): number {
  const { upTo = Number.POSITIVE_INFINITY, finalUntil } = page
  return walk.isFinal ? Math.max(floor, Math.min(upTo, finalUntil)) : floor
}

/** The walk, one page further; undefined at its end. */
export function walkAfter(walk: Walk, { upTo, finalUntil }: PageRead): Walk | undefined {
  if (upTo === undefined) return undefined
  const time = Math.max(walk.time, upTo)
  return { time, isFinal: walk.isFinal && upTo <= finalUntil }
}

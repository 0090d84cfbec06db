import { points, type PointName, type Stir } from './points.ts'

export type PlannedKill = {
  /** Such as `before: call Outreach: create`. */
  readonly at: string
  readonly stir: Stir
}

/** In an order of chance: two kills at one door in a row would wear out a sender's four attempts. */
export function planKills(
  names: readonly PointName[],
  random: () => number,
): readonly PlannedKill[] {
  return names
    .flatMap((name) => [
      { at: `before: ${name}`, stir: points[name], rank: random() },
      { at: `after: ${name}`, stir: points[name], rank: random() },
    ])
    .sort((one, other) => one.rank - other.rank)
}

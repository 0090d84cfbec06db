export type PlannedKill<Stir> = {
  /** Such as `before: call Outreach: create`. */
  readonly at: string
  /** What leads through it, in the words of whoever does it. */
  readonly stir: Stir
}

/** In an order of chance: two kills at one door in a row would wear out a sender's four attempts. */
export function planKills<Stir>(
  points: Readonly<Record<string, Stir>>,
  random: () => number,
): readonly PlannedKill<Stir>[] {
  return Object.entries(points)
    .flatMap(([name, stir]) => [
      { at: `before: ${name}`, stir, rank: random() },
      { at: `after: ${name}`, stir, rank: random() },
    ])
    .sort((one, other) => one.rank - other.rank)
}

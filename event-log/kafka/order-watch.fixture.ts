/** What members of a group said of one partition: who was handed what, what was done. */
export type Said =
  | {
      readonly kind: 'handed'
      readonly owner: string
      readonly partition: number
      readonly offset: number
    }
  | { readonly kind: 'done'; readonly partition: number; readonly offset: number }
  | { readonly kind: 'committed'; readonly partition: number; readonly offset: number }

/**
 * Holds what happened against the promises, in the order in which it happened: an owner is handed a
 * partition without a gap and without a step back, and nothing is committed that nobody has done.
 * Answers with what is wrong, as sentences.
 */
export function makeOrderWatch() {
  const lastOf = new Map<string, number>()
  const done = new Map<number, Set<number>>()
  /** Up to where each partition is known to be done without a gap. */
  const doneUpTo = new Map<number, number>()
  const wrong: string[] = []

  const isDone = (partition: number, offset: number) => done.get(partition)?.has(offset) === true

  const noteHanded = (owner: string, partition: number, offset: number) => {
    const key = `${owner}/${partition}`
    const last = lastOf.get(key)
    if (last !== undefined && offset !== last + 1) {
      wrong.push(`${owner} was handed ${offset} after ${last} of partition ${partition}`)
    }
    if (last === undefined) {
      const missed = firstUndone(partition, offset)
      if (missed !== undefined)
        wrong.push(`${owner} began partition ${partition} at ${offset}, and ${missed} is not done`)
    }
    lastOf.set(key, offset)
  }

  const firstUndone = (partition: number, before: number): number | undefined => {
    let at = doneUpTo.get(partition) ?? 0
    while (at < before && isDone(partition, at)) at++
    doneUpTo.set(partition, at)
    return at < before ? at : undefined
  }

  return {
    note: (said: Said) => {
      switch (said.kind) {
        case 'handed':
          noteHanded(said.owner, said.partition, said.offset)
          return
        case 'done': {
          const offsets = done.get(said.partition) ?? new Set()
          done.set(said.partition, offsets.add(said.offset))
          return
        }
        case 'committed': {
          const missed = firstUndone(said.partition, said.offset)
          if (missed !== undefined) {
            wrong.push(
              `${said.offset} of partition ${said.partition} was committed, and ${missed} is not done`,
            )
          }
          return
        }
        default:
          said satisfies never
      }
    },
    isDone,
    doneCount: () => [...done.values()].reduce((sum, offsets) => sum + offsets.size, 0),
    wrong: (): readonly string[] => wrong,
  }
}

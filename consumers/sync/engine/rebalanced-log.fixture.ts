import type { Handed, Take } from '../../../event-log/event-log.ts'

type Entry = { readonly id: string; readonly value: Uint8Array; isDone: boolean; handed: number }

/** A log of few partitions whose owners change while entries are in hand; it notes who says what is not theirs. */
export function makeRebalancedLog(partitions: number) {
  const entries: Entry[][] = Array.from({ length: partitions }, () => [])
  const committed = entries.map(() => 0)
  const owners = entries.map((): number | undefined => undefined)
  const faults: string[] = []
  let takes: readonly Take[] = []
  let generation = takes.map(() => new AbortController())

  /** All from `first` on at once, as a batch of the broker comes. */
  function hand(partition: number, first: number): void {
    const member = owners[partition]
    const owned = member === undefined ? undefined : generation[member]
    const take = member === undefined ? undefined : takes[member]
    if (owned === undefined || take === undefined) return
    const handed = (entries[partition] ?? []).slice(first).map((entry, index): Handed => ({
      topic: 'outreach.account',
      key: String(partition),
      value: entry.value,
      at: { topic: 'outreach.account', partition, offset: BigInt(first + index) },
      keptAt: 0,
      done: () => {
        if (owned.signal.aborted) faults.push(`${entry.id} was called done by who had lost it`)
        else entry.isDone = true
      },
    }))
    for (const entry of (entries[partition] ?? []).slice(first)) entry.handed += 1
    if (handed.length > 0) take(handed, owned.signal)
  }

  return {
    faults,
    join: (members: readonly Take[]): void => {
      takes = members
    },
    append: (partition: number, id: string, value: Uint8Array): void => {
      const offset = entries[partition]?.push({ id, value, isDone: false, handed: 0 }) ?? 0
      hand(partition, offset - 1)
    },
    /** Up to the lowest that is not done. */
    commit: (): void => {
      for (const [partition, all] of entries.entries()) {
        const open = all.findIndex(({ isDone }) => !isDone)
        committed[partition] = open === -1 ? all.length : open
      }
    },
    /** `members`: who has each partition from now on; all is handed out again from the last commit on. */
    rebalance: (members: readonly number[]): void => {
      for (const owned of generation) owned.abort()
      generation = takes.map(() => new AbortController())
      for (const [partition, all] of entries.entries()) {
        owners[partition] = members[partition]
        const first = committed[partition] ?? 0
        for (const entry of all.slice(first)) entry.isDone = false
        hand(partition, first)
      }
    },
    owns: (member: number, id: string): boolean =>
      owners.some(
        (owner, partition) =>
          owner === member && (entries[partition] ?? []).some((entry) => entry.id === id),
      ),
    /** How often it was handed out. */
    handings: (id: string): number => entries.flat().find((entry) => entry.id === id)?.handed ?? 0,
    undone: (): readonly string[] =>
      entries.flat().flatMap(({ id, isDone }) => (isDone ? [] : [id])),
  }
}

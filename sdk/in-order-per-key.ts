import type { Handed, Take } from '../event-log/event-log.ts'

type Deps = {
  /** Entries worked on at once; of one key never more than one. */
  readonly most: number
  /** Once it resolves the entry is said to be done, if it is still ours. */
  readonly work: (entry: Handed, owned: AbortSignal) => Promise<void>
  /**
   * `work` rejected: the entry is not done, and its key stands still until the log hands it out
   * again, for nothing may overtake it. Never throws.
   */
  readonly failed: (error: unknown, entry: Handed) => void
}

export type InOrderPerKey = {
  /** For `EventLog.subscribe`; how many wait is bounded by its `maxInHand`. */
  readonly take: Take
  /** Resolves when nothing is under way and nothing waits. */
  readonly whenIdle: () => Promise<void>
}

type Waiting = { readonly entry: Handed; readonly owned: AbortSignal }

/**
 * Works on many keys beside each other and on each key's entries one after another, in their order;
 * keys take turns. What was lost in a rebalance is passed over where it waits, and where it is under
 * way its key waits for it, so that one key is never worked on twice at once in this process.
 */
export function makeInOrderPerKey({ most, work, failed }: Deps): InOrderPerKey {
  const lines = new Map<string, Waiting[]>()
  /** Keys that have something to do and are not under way. */
  const ready = new Set<string>()
  /** Keys that stand still, for as long as the entry that failed is ours. */
  const standing = new WeakMap<AbortSignal, Set<string>>()
  let underWay = 0
  let idle: (() => void)[] = []

  const isPassedOver = ({ entry, owned }: Waiting) =>
    owned.aborted || standing.get(owned)?.has(entry.key) === true

  /** The first that is not passed over; undefined leaves the line empty. */
  const nextOf = (line: Waiting[]): Waiting | undefined => {
    const at = line.findIndex((waiting) => !isPassedOver(waiting))
    const [next] = line.splice(0, at < 0 ? line.length : at + 1).slice(-1)
    return at < 0 ? undefined : next
  }

  const workOn = async ({ entry, owned }: Waiting) => {
    try {
      await work(entry, owned)
      if (!owned.aborted) entry.done()
    } catch (error) {
      const keys = standing.get(owned) ?? new Set()
      standing.set(owned, keys.add(entry.key))
      failed(error, entry)
    }
  }

  const run = async (key: string, { next, line }: { next: Waiting; line: Waiting[] }) => {
    underWay++
    await workOn(next)
    underWay--
    if (line.length > 0) ready.add(key)
    else lines.delete(key)
    pump()
  }

  const pump = () => {
    while (underWay < most) {
      const [key] = ready
      if (key === undefined) break
      ready.delete(key)
      const line = lines.get(key) ?? []
      const next = nextOf(line)
      if (next === undefined) lines.delete(key)
      else void run(key, { next, line })
    }
    if (underWay > 0 || lines.size > 0) return
    for (const resolve of idle) resolve()
    idle = []
  }

  return {
    take: (handed, owned) => {
      for (const entry of handed) {
        const line = lines.get(entry.key)
        if (line === undefined) {
          lines.set(entry.key, [{ entry, owned }])
          ready.add(entry.key)
        } else line.push({ entry, owned })
      }
      pump()
    },
    whenIdle: async () => {
      if (underWay > 0 || lines.size > 0) await new Promise<void>((resolve) => idle.push(resolve))
    },
  }
}

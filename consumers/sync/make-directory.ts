import type { Call } from '../../clients/call.ts'
import { SetupFault } from '../../clients/errors.ts'

/** Something that is listed in whole and seldom changes: users, queues, stages. */
export type Directory<Item> = {
  /** Undefined while nobody could be asked. */
  readonly known: () => readonly Item[] | undefined
  /** Asks where nobody has asked yet, and where something was missed, once a minute at most. */
  readonly refresh: (isMissed: boolean) => Promise<void>
}

type Loading<Item> = {
  readonly load: (call: Call) => Promise<readonly Item[]>
  /** It may not be read, or is not there. */
  readonly onUnknown: (fault: SetupFault) => unknown
}

// A name nobody knows may have been made since: looked up again, at most this often (rulebook 9).
const refreshMs = 60_000

export function makeDirectory<Item>(
  now: () => number,
  { load, onUnknown }: Loading<Item>,
): Directory<Item> {
  let items: readonly Item[] | undefined
  let askedAt = Number.NEGATIVE_INFINITY
  let asking: Promise<void> | undefined

  async function ask(call: Call): Promise<void> {
    try {
      items = await load(call)
      askedAt = now()
    } catch (error) {
      // A directory that may not be read leaves its fields alone; a system that is away stops the sync.
      if (!(error instanceof SetupFault)) throw error
      askedAt = now()
      await onUnknown(error)
    }
  }

  return {
    known: () => items,
    async refresh(isMissed) {
      const isStale =
        askedAt === Number.NEGATIVE_INFINITY || (isMissed && now() - askedAt >= refreshMs)
      if (!isStale) return
      // For everybody who waits, whatever lane asked first; once a minute at most.
      asking ??= ask({ lane: 'live' }).finally(() => {
        asking = undefined
      })
      await asking
    },
  }
}

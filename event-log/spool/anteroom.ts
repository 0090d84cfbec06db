import type { Entry, Position } from '../event-log.ts'

type Deps = {
  readonly send: (entries: readonly Entry[]) => Promise<readonly Position[]>
  readonly spool: (entries: readonly Entry[]) => Promise<readonly Position[]>
}

type Waiting = {
  readonly entries: readonly Entry[]
  readonly resolve: (positions: Promise<readonly Position[]>) => void
}

/** Long enough to forward what is left of a spool, short enough for a sender that waits for its answer. */
const MOST_MS = 300
/** After a wait in vain nobody waits again for so long. */
const REST_MS = 5_000

/**
 * Where appends wait while the spool is nearly empty. If each joined the spool, one would have come
 * while the one before it was being forwarded, and under steady load the spool would never be left.
 */
export function makeAnteroom({ send, spool }: Deps) {
  let waiting: Waiting[] | undefined
  let timer: NodeJS.Timeout | undefined
  let restUntil = 0

  /** In their order, in one turn of the event loop: nothing comes in between. */
  const leave = (to: Deps['send']) => {
    clearTimeout(timer)
    const left = waiting ?? []
    waiting = undefined
    for (const { entries, resolve } of left) resolve(to(entries))
  }
  const spoolAll = () => {
    if (waiting === undefined) return
    restUntil = performance.now() + REST_MS
    leave(spool)
  }

  return {
    isOpen: (): boolean => waiting !== undefined,
    open: (): void => {
      if (waiting !== undefined || performance.now() < restUntil) return
      waiting = []
      timer = setTimeout(spoolAll, MOST_MS)
    },
    wait: (entries: readonly Entry[]): Promise<readonly Position[]> =>
      new Promise((resolve) => {
        if (waiting === undefined) resolve(spool(entries))
        else waiting.push({ entries, resolve })
      }),
    /** The spool is empty: all go to the log. */
    sendAll: (): void => leave(send),
    /** The spool will not be empty soon: all join it. */
    spoolAll,
  }
}

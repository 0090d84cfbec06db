import type { Entry, EventLog, Position } from '../event-log.ts'

/** A log whose appends can be called back while they still wait for their turn. */
export type WithdrawableLog = Omit<EventLog, 'append'> & {
  /**
   * Settles only once it is known whether the entries are kept, or will never be. `withdraw` aborted
   * before they were on their way: rejects, and nothing was sent.
   */
  readonly append: (
    entries: readonly Entry[],
    withdraw?: AbortSignal,
  ) => Promise<readonly Position[]>
}

/** An append that went to the log and has not been answered by it. */
export type DirectSend = {
  readonly entries: readonly Entry[]
  /** The spool has it: the caller is answered now, unless the log has done so. */
  readonly spooled: (tickets: readonly string[]) => void
  readonly refused: (why: unknown) => void
}

type Deps = {
  readonly log: Pick<WithdrawableLog, 'append'>
  readonly deadlineMs: number
  readonly failed: (error: unknown) => void
  /** The oldest has waited for the deadline. */
  readonly late: () => void
  /** These are held by the spool, and turned out to be in the log all the same. */
  readonly landed: (tickets: readonly string[]) => void
}

type Sent = DirectSend & { readonly dueAt: number }

/** What is on its way to the log, in the order of the appends. */
export function makeDirectSends({ log, deadlineMs, failed, late, landed }: Deps) {
  const underWay = new Set<Sent>()
  let withdrawal = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let settledWaiting: (() => void)[] = []

  const watch = () => {
    const [oldest] = underWay
    if (timer !== undefined || oldest === undefined) return
    const waitMs = Math.max(0, oldest.dueAt - performance.now())
    timer = setTimeout(() => {
      timer = undefined
      const [first] = underWay
      if (first !== undefined && first.dueAt <= performance.now() + 1) late()
      else watch()
    }, waitMs)
  }
  const remove = (sent: Sent) => {
    underWay.delete(sent)
    if (underWay.size > 0) return
    clearTimeout(timer)
    timer = undefined
    for (const resolve of settledWaiting) resolve()
    settledWaiting = []
  }

  return {
    send: (entries: readonly Entry[]): Promise<readonly Position[]> =>
      new Promise((resolve, reject) => {
        let hasLanded = false
        let held: readonly string[] | undefined
        const sent: Sent = {
          entries,
          dueAt: performance.now() + deadlineMs,
          spooled: (tickets) => {
            held = tickets
            if (hasLanded) landed(tickets)
            resolve([])
          },
          refused: reject,
        }
        underWay.add(sent)
        log.append(entries, withdrawal.signal).then(
          (positions) => {
            hasLanded = true
            if (held !== undefined) landed(held)
            resolve(positions)
            remove(sent)
          },
          (error: unknown) => {
            // First of all: it must be among those that go to the spool.
            failed(error)
            remove(sent)
          },
        )
        watch()
      }),
    /** Calls back what can be called back; answers all that is not settled, in order. */
    withdraw: (): readonly DirectSend[] => {
      clearTimeout(timer)
      timer = undefined
      const unsettled = [...underWay]
      const aborted = withdrawal
      withdrawal = new AbortController()
      aborted.abort()
      return unsettled
    },
    /** Resolves once the log has answered all of them, one way or the other. */
    settled: async (): Promise<void> => {
      if (underWay.size > 0) await new Promise<void>((resolve) => settledWaiting.push(resolve))
    },
  }
}

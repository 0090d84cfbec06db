/** `failed`: a list of every interval was not read; `away`: the system is; `broken`: the log or the state was. */
export type RoundOutcome = 'read' | 'failed' | 'away'
export type RoundEnd = {
  readonly how: RoundOutcome | 'broken'
  /** How the one before it ended, where this process knows. */
  readonly before: RoundOutcome | 'broken' | undefined
  /** Epoch ms. */
  readonly at: number
}

type Given = {
  readonly now: number
  /** When the last interval of all kinds began; undefined: there was none. Epoch ms. */
  readonly beganAt: number | undefined
  /** Infinity: only when somebody asks. */
  readonly intervalMs: number
  /** The last one of this process. */
  readonly end: RoundEnd | undefined
}

/** A long interval, which saves calls, is not waited for after one that found nothing out. */
const longestRetryMs = 60_000

const askAgainMs = 30_000

/** When a system is to be polled next by its pace, epoch ms; 0: at once. */
export function decideDueAt({ now, beganAt, intervalMs, end }: Given): number {
  if (intervalMs === Number.POSITIVE_INFINITY) return intervalMs
  if (beganAt === undefined) return 0
  const retryMs = Math.min(intervalMs, longestRetryMs)
  // It bears the time of a clock that was ahead: nobody waits until then. Some seconds are usual.
  if (beganAt - now > retryMs) return 0
  return beganAt + (end !== undefined && isEarly(end) ? retryMs : intervalMs)
}

/** A list that fails again and again has its second try, and then costs no more than its pace. */
function isEarly({ how, before }: RoundEnd): boolean {
  if (how === 'failed') return before !== 'failed'
  return how === 'away' || how === 'broken'
}

/** Whether what somebody asked for is tried again: not each second while the log is away. */
export function mayAskAgain(now: number, end: RoundEnd | undefined): boolean {
  if (end?.how !== 'broken') return true
  return now < end.at || now - end.at >= askAgainMs
}

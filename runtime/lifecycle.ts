/** Exit codes, after sysexits.h; `start.ts` is the only one that exits. */
export const exitCodes = { fine: 0, failed: 1, usage: 2, broken: 70, configuration: 78 } as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Stopped in this order: nobody is sent to us, nothing comes in, what came is handled, then it is put away. */
export const stages = ['readiness', 'doors', 'consumers', 'clients', 'log', 'state'] as const

export type Stage = (typeof stages)[number]

export type Part = {
  readonly stage: Stage
  readonly name: string
  readonly stop: () => Promise<void> | void
}

type StopReason = {
  readonly why: string
  /** Something unforeseen: it is told, and the code says so. */
  readonly error?: unknown
  /** What to exit with if all stops well; the first word counts. */
  readonly code?: ExitCode
}

type Deps = {
  /** `process`, or whatever emits its events in a test. */
  readonly process: Pick<NodeJS.EventEmitter, 'on' | 'off'>
  readonly signals: {
    readonly stopping: (facts: { readonly why: string }) => void
    readonly stopped: (facts: { readonly why: string; readonly code: number }) => void
    readonly crashed: (facts: { readonly why: string; readonly error: unknown }) => void
    readonly partNotStopped: (facts: { readonly part: string; readonly error: unknown }) => void
  }
  /** Heroku and Docker kill after 30 s and 10 s by default; ours is the first less a margin. */
  readonly stopWithinMs?: number
}

const defaultStopMs = 25_000

export type Lifecycle = {
  /** Registers what has been started; parts of one stage stop together. Comes it too late, it is stopped at once. */
  readonly add: (part: Part) => void
  /** True from start to the first word of stopping: what `/readyz` shows first. */
  readonly isStopping: () => boolean
  /** Resolves once everything has stopped, with the code to exit with. */
  readonly untilStopped: () => Promise<ExitCode>
  /** Idempotent; a second signal of the system ends the wait. */
  readonly stop: (reason: StopReason) => Promise<ExitCode>
}

/** Runs until SIGTERM, SIGINT or something unforeseen, then stops every part in its order. */
export function makeLifecycle({ process, signals, stopWithinMs = defaultStopMs }: Deps): Lifecycle {
  const parts: Part[] = []
  const stopped = promised<ExitCode>()
  const hurry = promised<'hurry'>()
  let isStopping = false
  let hasCrashed = false

  const stopPart = async (part: Part): Promise<boolean> => {
    try {
      await part.stop()
      return true
    } catch (error) {
      signals.partNotStopped({ part: part.name, error })
      return false
    }
  }

  const stopAll = async (pending: Set<string>): Promise<boolean> => {
    let isClean = true
    for (const stage of stages) {
      const together = parts.filter((part) => part.stage === stage)
      const ends = together.map(async (part) => {
        pending.add(part.name)
        isClean = (await stopPart(part)) && isClean
        pending.delete(part.name)
      })
      await Promise.all(ends)
    }
    return isClean
  }

  const stopInTime = async (why: string, asked: ExitCode): Promise<void> => {
    signals.stopping({ why })
    const pending = new Set<string>()
    const late = promised<'late'>()
    const timer = setTimeout(() => late.resolve('late'), stopWithinMs)
    const end = await Promise.race([stopAll(pending), hurry.promise, late.promise])
    clearTimeout(timer)
    forget()
    for (const part of end === 'late' || end === 'hurry' ? pending : []) {
      signals.partNotStopped({ part, error: new Error(`it did not stop in time (${end})`) })
    }
    const code = end === true && !hasCrashed ? asked : exitCodes.broken
    signals.stopped({ why, code })
    stopped.resolve(code)
  }

  const stop = ({ why, error, code = exitCodes.fine }: StopReason): Promise<ExitCode> => {
    if (error !== undefined) {
      hasCrashed = true
      signals.crashed({ why, error })
    }
    if (!isStopping) {
      isStopping = true
      void stopInTime(why, code)
    }
    return stopped.promise
  }

  const onSignal = (why: unknown) => {
    // The second one comes from somebody who does not want to wait.
    if (isStopping) hurry.resolve('hurry')
    void stop({ why: String(why) })
  }
  const onException = (error: unknown) =>
    void stop({ why: 'uncaught exception', error: error ?? 'nothing' })
  const onRejection = (error: unknown) =>
    void stop({ why: 'unhandled rejection', error: error ?? 'nothing' })
  const listeners = [
    ['SIGTERM', onSignal],
    ['SIGINT', onSignal],
    ['uncaughtException', onException],
    ['unhandledRejection', onRejection],
  ] as const
  const forget = () => {
    for (const [event, listener] of listeners) process.off(event, listener)
  }
  for (const [event, listener] of listeners) process.on(event, listener)

  return {
    add: (part) => {
      if (isStopping) void stopPart(part)
      else parts.push(part)
    },
    isStopping: () => isStopping,
    untilStopped: () => stopped.promise,
    stop,
  }
}

/** A promise and the way to resolve it. */
function promised<Value>() {
  let resolve: (value: Value) => void = () => undefined
  const promise = new Promise<Value>((fulfil) => {
    resolve = fulfil
  })
  return { promise, resolve }
}

import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises'
import { StateUnavailable } from '../state-unavailable.ts'
import type { LockAsk, LockSession } from './lock-session.ts'

export type Hold = { readonly lost: AbortSignal; readonly release: () => void }

type Wanted = {
  readonly ids: readonly string[]
  readonly grant: (hold: Hold) => void
  readonly reject: (why: StateUnavailable) => void
  readonly refusals: number
  readonly isCalledOff: () => boolean
}

type Deps = {
  readonly openSession: () => Promise<LockSession>
  /** The connection of the locks is away; who waits waits on. */
  readonly away: (error: unknown) => void
}

export type AdvisoryLocks = {
  /**
   * All of the ids, or none of them; nobody else in this process may hold or await one of them.
   * `signal` aborted before they are held: rejects at once with its reason, and none is asked for any more.
   */
  readonly take: (ids: readonly string[], signal?: AbortSignal) => Promise<Hold>
  /** Rejects whoever waits; resolves when the connection, and every lock with it, is gone. */
  readonly close: () => Promise<void>
}

// Another process holds it: 2, 4, 8, 16, 32 ms, then every 50 ms, each shortened by up to half by chance.
const FIRST_RETRY_MS = 2
const LAST_RETRY_MS = 50
// The server is away: 50, 100, 200 ms, ... 1 s, shortened likewise.
const FIRST_RECONNECT_MS = 50
const LAST_RECONNECT_MS = 1_000

/** Whoever asks or gives back in the same moment shares a statement; one statement is on its way at a time. */
export function makeAdvisoryLocks({ openSession, away }: Deps): AdvisoryLocks {
  let session: LockSession | undefined
  let fresh: Wanted[] = []
  let refused: Wanted[] = []
  let returned: string[] = []
  let running: Promise<void> | undefined
  let retry: NodeJS.Timeout | undefined
  const closed = new AbortController()

  const pause = (waitMs: number) =>
    wait(waitMs, undefined, { signal: closed.signal }).catch(() => undefined)
  const connect = async (): Promise<LockSession> => {
    for (let attempt = 0; ; attempt++) {
      closed.signal.throwIfAborted()
      try {
        return await openSession()
      } catch (error) {
        away(error)
        const waitMs = toWait(attempt, FIRST_RECONNECT_MS, LAST_RECONNECT_MS)
        await pause(waitMs)
      }
    }
  }
  const connected = async (): Promise<LockSession> => {
    if (session?.lost.aborted === false) return session
    returned = [] // they went with the session that held them
    const opened = await connect()
    opened.lost.addEventListener('abort', () => {
      if (!closed.signal.aborted) away(opened.lost.reason)
    })
    session = opened
    return opened
  }

  const round = async (wanted: readonly Wanted[]) => {
    let on: LockSession
    let answers: readonly boolean[]
    try {
      on = await connected()
      const asks: LockAsk[] = [
        ...returned.map((id) => ({ id, isTake: false })),
        ...wanted.flatMap(({ ids }) => ids.map((id) => ({ id, isTake: true }))),
      ]
      const place = returned.length
      returned = []
      answers = (await on.exchange(asks)).slice(place)
      on.lost.throwIfAborted()
    } catch {
      // The session is lost, and says so itself: whoever waits is asked for again on the next one.
      fresh.push(...wanted.filter(isWanted))
      // One that is lost again at once must not keep us and the server busy.
      await pause(toWait(0, FIRST_RECONNECT_MS, LAST_RECONNECT_MS))
      return
    }
    let place = 0
    for (const one of wanted) {
      const got = answers.slice(place, (place += one.ids.length))
      if (got.every(Boolean) && isWanted(one)) one.grant(holdOn(on, one.ids))
      else {
        returned.push(...one.ids.filter((_, index) => got[index]))
        if (isWanted(one)) refused.push({ ...one, refusals: one.refusals + 1 })
      }
    }
  }
  const holdOn = (on: LockSession, ids: readonly string[]): Hold => ({
    lost: on.lost,
    release: () => {
      if (session !== on || on.lost.aborted) return
      returned.push(...ids)
      schedule()
    },
  })

  const runRounds = async () => {
    while (!closed.signal.aborted && (fresh.length > 0 || returned.length > 0)) {
      const wanted = fresh
      fresh = []
      await round(wanted)
    }
    running = undefined
    if (closed.signal.aborted) rejectWaiting()
    else if (refused.length > 0) retry ??= setTimeout(retryRefused, toRetryWait(refused))
  }
  const retryRefused = () => {
    retry = undefined
    fresh.push(...refused)
    refused = []
    schedule()
  }
  /** At the end of this turn of the event loop: what was asked for together goes together. */
  const schedule = () => {
    running ??= nextTurn().then(runRounds)
  }
  const rejectWaiting = () => {
    clearTimeout(retry)
    for (const { reject } of [...fresh, ...refused]) reject(toClosed())
    fresh = []
    refused = []
  }

  return {
    take: (ids, signal) => {
      let giveUp = () => {}
      const taken = new Promise<Hold>((grant, reject) => {
        if (closed.signal.aborted) {
          reject(toClosed())
          return
        }
        giveUp = () => {
          fresh = fresh.filter(isWanted)
          refused = refused.filter(isWanted)
          reject(signal?.reason as Error) // passed on as it came
        }
        const isCalledOff = () => signal?.aborted === true
        fresh.push({ ids, grant, reject, refusals: 0, isCalledOff })
        if (isCalledOff()) giveUp()
        else schedule()
      })
      signal?.addEventListener('abort', giveUp, { once: true })
      return taken.finally(() => signal?.removeEventListener('abort', giveUp))
    },
    close: async () => {
      closed.abort()
      rejectWaiting()
      await running
      await session?.close()
    },
  }
}

export function toClosed(): StateUnavailable {
  return new StateUnavailable('The state is closed.')
}

const isWanted = ({ isCalledOff }: Wanted) => !isCalledOff()

function toRetryWait(refused: readonly Wanted[]): number {
  const fewest = Math.min(...refused.map(({ refusals }) => refusals))
  return toWait(fewest - 1, FIRST_RETRY_MS, LAST_RETRY_MS)
}

function toWait(attempt: number, firstMs: number, lastMs: number): number {
  return Math.min(lastMs, firstMs * 2 ** attempt) * (0.5 + Math.random() / 2)
}

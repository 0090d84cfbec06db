import { countTold } from '../../../state/outcomes.ts'
import { readRecordRef, toRecordRef } from '../../../schemas/record-ref.ts'
import {
  claimWake,
  moveWake,
  removeWake,
  type Relations,
  type Wake,
} from '../../../state/relations.ts'
import type { StateStore } from '../../../state/state-store.ts'
import type { RequestSync } from './request-sync.ts'

type Deps = {
  readonly store: Pick<StateStore, 'read' | 'write'>
  readonly relations: Relations
  readonly requestSync: RequestSync
  readonly now: () => number
  readonly wait: (ms: number) => Promise<void>
  readonly signals: {
    readonly consumerFailed: (facts: { group: string; error: unknown }) => void
  }
}

/** So many children are asked for at once; the next page waits until most of them are handled. */
const pageSize = 200

/** More children than this are a bulk, which goes in a lower lane. */
const mostLive = 50

/** A page is as good as handled when so few are left, or after so long. */
const fewLeft = 20
const longestPageMs = 30_000
const lookMs = 100

/** A worker that was not heard of for so long is dead, and its wake is anybody's. */
const claimMs = 10_000

/** How often wakes are looked for that another process made, or left. */
const lookAgainMs = 1_000

/**
 * Asks for every child of a parent that was linked, page by page: an organisation with 10,000 people
 * neither blocks others nor is lost half-way, for how far it came is in the state (rulebook 7).
 */
export function makeWaker(deps: Deps) {
  const { store, relations, now, signals } = deps
  const stopped = new AbortController()
  const working = new Set<string>()
  const running = new Set<Promise<void>>()
  let looking: Promise<void> | undefined
  let isDue = false

  async function look(): Promise<void> {
    while (isDue && !stopped.signal.aborted) {
      isDue = false
      for (const wake of await relations.idleWakes(now())) {
        if (working.has(wake.workbooks)) continue
        const run = work(wake)
        running.add(run)
        void run.finally(() => running.delete(run))
      }
    }
  }

  async function work(wake: Wake): Promise<void> {
    working.add(wake.workbooks)
    const isDone = await tryToWork(wake)
    working.delete(wake.workbooks)
    // There may be more than were taken at once; what failed waits for the next look.
    if (isDone && working.size === 0) poke()
  }

  async function tryToWork(wake: Wake): Promise<boolean> {
    try {
      const claim = claimWake(wake, { now: now(), until: now() + claimMs })
      const [claimed] = await store.write([claim])
      if (claimed?.changes === 1) await giveBack(await workThrough(wake))
      return true
    } catch (error) {
      // The state or the log is away: the claim runs out, and it goes on where it was.
      if (!stopped.signal.aborted) signals.consumerFailed({ group: 'sync', error })
      return false
    }
  }

  /** Answers the wake where it is not through: we were told to stop. */
  async function workThrough(claimed: Wake): Promise<Wake | undefined> {
    let wake = claimed
    let isBulk = wake.cursor !== ''
    while (!stopped.signal.aborted) {
      const children = await relations.childrenApart(wake, pageSize)
      const last = children.at(-1)
      if (last === undefined) {
        await store.write([removeWake(wake)])
        return undefined
      }
      isBulk ||= children.length > mostLive
      const since = now()
      await ask(wake, children, isBulk)
      wake = { ...wake, cursor: last }
      // Linked anew meanwhile: it begins afresh.
      if (!(await hold(wake))) return undefined
      if (children.length === pageSize) await untilMostAreTold(wake, { children, since })
    }
    return wake
  }

  async function hold(wake: Wake, until = now() + claimMs): Promise<boolean> {
    const [moved] = await store.write([moveWake(wake, { cursor: wake.cursor, until })])
    return moved?.changes === 1
  }

  async function giveBack(wake: Wake | undefined): Promise<void> {
    if (wake !== undefined) await hold(wake, 0)
  }

  async function ask(wake: Wake, children: readonly string[], isBulk: boolean): Promise<void> {
    const reason = `${wake.workbooks} was linked with ${wake.outreach}`
    const requests = children.flatMap((child) => {
      const parts = readRecordRef(child)
      return parts === undefined ? [] : [{ record: toRecordRef(parts), reason, isBulk }]
    })
    await deps.requestSync(requests, { signal: stopped.signal })
  }

  /** Not all at once in everybody's way: what is asked for and not handled stays little. */
  async function untilMostAreTold(
    wake: Wake,
    { children, since }: { readonly children: readonly string[]; readonly since: number },
  ): Promise<void> {
    let heldAt = since
    while (!stopped.signal.aborted && now() - since < longestPageMs) {
      const told = await countTold(store, { records: children, since })
      if (children.length - told <= fewLeft) return
      await deps.wait(lookMs)
      if (now() - heldAt < claimMs / 4) continue
      heldAt = now()
      await hold(wake)
    }
  }

  /** Something was linked, here or in another process: look whether anybody waited for it. */
  function poke(): void {
    if (stopped.signal.aborted) return
    isDue = true
    looking ??= look()
      .catch((error: unknown) => signals.consumerFailed({ group: 'sync', error }))
      .finally(() => {
        looking = undefined
      })
  }

  const looker = setInterval(poke, lookAgainMs)

  return {
    poke,
    isIdle: (): boolean => looking === undefined && !isDue && working.size === 0,
    stop: async (): Promise<void> => {
      clearInterval(looker)
      stopped.abort()
      await looking
      await Promise.allSettled(running)
    },
  }
}

export type Waker = ReturnType<typeof makeWaker>

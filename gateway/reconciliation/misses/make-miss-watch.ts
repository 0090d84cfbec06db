import type { EventLog, Handed, Subscription } from '../../../event-log/event-log.ts'
import type { System } from '../../../schemas/record-ref.ts'
import { removeCallsBefore } from '../../../state/calls.ts'
import { removeMissesBefore, writeAnnouncements } from '../../../state/misses.ts'
import type { StateStore } from '../../../state/state-store.ts'
import { makeJudge, type JudgeSignals } from './make-judge.ts'
import { toAnnouncement } from './to-announcement.ts'

export type MissSignals = JudgeSignals & {
  /** New announcements of one resource. */
  readonly changesAnnounced: (facts: {
    readonly resource: string
    readonly changes: number
  }) => void
  readonly missesNotWatched: (error: unknown) => void
}

type Deps = {
  readonly log: Pick<EventLog, 'subscribe' | 'lags'>
  readonly store: Pick<StateStore, 'read' | 'write'>
  /** Of every kind, on or off: the members of a group must read the same topics. */
  readonly topics: readonly string[]
  /** Each system's clock minus ours, ms. */
  readonly clockOffsetMs: (system: System) => number
  /** How long a webhook may take before it counts as missed; 60 s by default. */
  readonly fairMs?: number
  readonly now: () => number
  /** Resolves after `ms`, or earlier when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
  readonly signals: MissSignals
}

export type MissWatch = {
  readonly start: () => void
  readonly stop: () => Promise<void>
  /** Judges now what is due. */
  readonly look: () => Promise<void>
}

export const missGroup = 'gateway-misses'

const defaultFairMs = 60_000
const lookEveryMs = 10_000
const tidyEveryMs = 10 * 60_000
const mostInHand = 2_000
const mostAWrite = 1_000

/** What is older is forgotten: three days, so that a weekend away still shows. */
export const rememberedMs = 72 * 3_600_000
const longestBudgetMs = 3 * 365 * 86_400_000

type Held = { readonly handed: Handed; readonly owned: AbortSignal }

/**
 * Watches how reliable the senders are: notes what they announce, and judges what the poller found, once a
 * webhook has had a fair time to arrive and be read (issue 7, 5).
 */
export function makeMissWatch(deps: Deps): MissWatch {
  const { log, store, topics, fairMs = defaultFairMs, now, wait, signals } = deps
  const stopping = new AbortController()
  const isStopping = () => stopping.signal.aborted
  const judge = makeJudge({ ...deps, group: missGroup, fairMs, rememberedMs })
  const pending: Held[] = []
  let noting: Promise<void> | undefined
  let running: Promise<void> = Promise.resolve()
  let subscription: Subscription | undefined
  let tidiedAt = 0

  function take(handed: readonly Handed[], owned: AbortSignal): void {
    for (const one of handed) pending.push({ handed: one, owned })
    noting ??= note().finally(() => (noting = undefined))
  }

  /** Whatever came in the meantime shares the next write. */
  async function note(): Promise<void> {
    while (pending.length > 0 && !isStopping()) {
      const some = pending.slice(0, mostAWrite)
      try {
        // Another process's by now: it comes again there.
        const ours = some.filter(({ owned }) => !owned.aborted)
        await noteSome(ours.map(({ handed }) => handed))
        pending.splice(0, some.length)
        sayDone(ours)
      } catch (error) {
        signals.missesNotWatched(error)
        await wait(1_000, stopping.signal)
      }
    }
  }

  async function noteSome(handed: readonly Handed[]): Promise<void> {
    const oldest = now() - rememberedMs
    const announced = handed
      .filter(({ keptAt }) => keptAt >= oldest)
      .flatMap((one) => toAnnouncement(one) ?? [])
    if (announced.length === 0) return
    const written = await store.write(writeAnnouncements(announced))
    const counts = new Map<string, number>()
    for (const { resource } of written.flatMap(({ rows }) => rows)) {
      counts.set(String(resource), (counts.get(String(resource)) ?? 0) + 1)
    }
    for (const [resource, changes] of counts) signals.changesAnnounced({ resource, changes })
  }

  async function run(): Promise<void> {
    while (!isStopping()) {
      try {
        subscription ??= await log.subscribe(
          {
            group: missGroup,
            topics,
            startFrom: 'beginning',
            maxInHand: mostInHand,
            signal: stopping.signal,
          },
          take,
        )
        await look()
        await tidy()
      } catch (error) {
        if (!isStopping()) signals.missesNotWatched(error)
      }
      await wait(Math.min(lookEveryMs, fairMs), stopping.signal)
    }
  }

  async function look(): Promise<void> {
    if (subscription !== undefined) await judge(stopping.signal)
  }

  async function tidy(): Promise<void> {
    if (now() - tidiedAt < tidyEveryMs) return
    tidiedAt = now()
    await store.write([
      ...removeMissesBefore(now() - rememberedMs),
      removeCallsBefore(now() - longestBudgetMs),
    ])
  }

  return {
    start() {
      running = run()
    },
    async stop() {
      stopping.abort()
      await running
      await noting
      await subscription?.stop()
    },
    look,
  }
}

function sayDone(held: readonly Held[]): void {
  for (const { handed, owned } of held) if (!owned.aborted) handed.done()
}

import type { EventLog } from '../../../event-log/event-log.ts'
import { readRecordRef, type System } from '../../../schemas/record-ref.ts'
import { makeFacts } from '../../../state/facts.ts'
import { makeMisses, writeVerdict, type Find, type Verdict } from '../../../state/misses.ts'
import type { StateStore } from '../../../state/state-store.ts'
import { decideVerdict } from './decide-verdict.ts'

export type JudgeSignals = {
  /** Of one resource. */
  readonly changesMissed: (facts: {
    readonly resource: string
    readonly changes: number
    readonly longestDelaySeconds: number
  }) => void
}

type Deps = {
  readonly log: Pick<EventLog, 'lags'>
  readonly store: Pick<StateStore, 'read' | 'write'>
  /** Whose lag tells whether what was announced is noted. */
  readonly group: string
  readonly fairMs: number
  readonly rememberedMs: number
  readonly clockOffsetMs: (system: System) => number
  readonly now: () => number
  readonly signals: JudgeSignals
}

type Judged = { readonly find: Find; readonly verdict: Verdict }

const mostAtOnce = 500

/**
 * Judges what was found, once the fair time is over and the group has read what was announced in it. Says
 * nothing while the log is away, nor a fair time after that: what was spooled has to arrive first.
 */
export function makeJudge(deps: Deps): (stopping: AbortSignal) => Promise<void> {
  const { log, store, group, fairMs, now, signals } = deps
  const misses = makeMisses(store)
  // A group that has just begun has told nobody yet how far it is behind.
  let silentUntil = now() + fairMs

  /** The moment (epoch ms) until which everything that was announced is noted. */
  async function readNotedUntil(): Promise<number> {
    const lags = await log.lags()
    const lag = lags.find((one) => one.group === group)
    return lag === undefined || lag.events === 0 ? now() : now() - lag.seconds * 1_000
  }

  async function judgeSome(): Promise<boolean> {
    if (now() < silentUntil) return false
    const due = await misses.undecided(now() - fairMs, mostAtOnce)
    if (due.length === 0) return false
    const notedUntil = await readNotedUntil().catch((error: unknown) => {
      silentUntil = now() + fairMs
      throw error
    })
    const ready = due.filter(({ foundAt }) => foundAt + fairMs <= notedUntil)
    if (ready.length > 0) await judge(ready)
    return ready.length === mostAtOnce
  }

  async function judge(finds: readonly Find[]): Promise<void> {
    const knownSince = await readKnownSince()
    // An hour for clocks that are far apart.
    const oldest = Math.floor(knownSince / 1_000) - 3_600
    const since = Math.max(oldest, Math.min(...finds.map(({ changedAt }) => changedAt)))
    const records = [...new Set(finds.map(({ record }) => record))]
    const told = await misses.announced(records, since)
    const judged: readonly Judged[] = finds.map((find) => ({
      find,
      verdict: decideVerdict(find, {
        told: told.get(`${find.resource} ${find.record}`) ?? [],
        clockOffsetMs: deps.clockOffsetMs(readRecordRef(find.record)?.system ?? 'outreach'),
        knownSince,
      }),
    }))
    const at = now()
    const written = await store.write(
      judged.map(({ find, verdict }) => writeVerdict(find, verdict, at)),
    )
    // Where another process was quicker it has told of it.
    tell(judged.filter((_, index) => written[index]?.changes === 1))
  }

  async function readKnownSince(): Promise<number> {
    const text = await makeFacts(store).read('connected_at')
    // By the clock of Outreach. Before that no webhook of ours stood anywhere.
    const connectedAt = Number(text ?? 0) * 1_000 - deps.clockOffsetMs('outreach')
    return Math.max(connectedAt, now() - deps.rememberedMs)
  }

  function tell(judged: readonly Judged[]): void {
    const missed = judged.filter(({ verdict }) => verdict.isMissed)
    for (const resource of new Set(missed.map(({ find }) => find.resource))) {
      const delays = missed
        .filter(({ find }) => find.resource === resource)
        .map(({ verdict }) => verdict.delayMs)
      const longestDelaySeconds = Math.round(Math.max(...delays) / 1_000)
      signals.changesMissed({ resource, changes: delays.length, longestDelaySeconds })
    }
  }

  return async (stopping) => {
    while (!stopping.aborted && (await judgeSome())) {
      // More than fits into one look.
    }
  }
}

import { setTimeout as wait } from 'node:timers/promises'
import { sentenceOf } from '../../runtime/errors.ts'
import type { WithdrawableLog } from './direct-sends.ts'
import type { HeldBatch, Spool } from './spool.ts'

const MAX_BATCH = 500
/** Between tries while the log is away; doubled from the first to the last. */
export type ForwardWaits = { readonly firstMs: number; readonly lastMs: number }
export const FORWARD_WAITS: ForwardWaits = { firstMs: 100, lastMs: 5_000 }

export type ForwarderSignals = {
  /** The log is still away; it is tried again. */
  readonly spoolNotForwarded: (error: unknown) => void
  readonly spoolForwarded: (facts: { readonly events: number }) => void
  /** The log will never take this one: it was set aside, and somebody must look at it. */
  readonly spoolSetAside: (facts: {
    readonly topic: string
    readonly key: string
    readonly bytes: number
    readonly error: unknown
  }) => void
}

type Deps = {
  readonly log: Pick<WithdrawableLog, 'append'>
  readonly spool: Pick<Spool, 'oldest' | 'setAside'>
  /** Tickets of what the log took after all; each is asked for until it is forwarded. */
  readonly landed: Set<string>
  /** Resolves once nothing is being written to the spool that was when it was called. */
  readonly written: () => Promise<unknown>
  /** Nothing is held: answers whether forwarding is over, or something is still being written. */
  readonly emptied: () => boolean
  /** The log is well again, and not much is left. */
  readonly nearlyOver: () => void
  /** The log is away, or has refused something. */
  readonly notOver: () => void
  /** The log will never take this very entry, or one of this very batch. */
  readonly isHopeless: (error: unknown) => boolean
  readonly waits: ForwardWaits
  readonly signals: ForwarderSignals
}

/** From the spool to the log: in order, at least once, one batch at a time. */
export function makeForwarder(deps: Deps) {
  const { log, spool, landed, waits, signals } = deps
  const stopped = new AbortController()
  const isStopped = () => stopped.signal.aborted
  /** So many more go one by one, to find the one that was refused. */
  let oneByOne = 0

  const drop = async ({ held, forwarded }: HeldBatch) => {
    await forwarded()
    for (const { ticket } of held) landed.delete(ticket)
    if (oneByOne > 0) oneByOne--
  }

  const refused = async (batch: HeldBatch, error: unknown) => {
    if (!deps.isHopeless(error)) throw error
    deps.notOver()
    const [first] = batch.held
    if (first === undefined || batch.held.length > 1) {
      oneByOne = batch.held.length
      return
    }
    await spool.setAside(first, sentenceOf(error))
    const { topic, key, value } = first
    signals.spoolSetAside({ topic, key, bytes: value.length, error })
    await drop(batch)
  }

  const forward = async (batch: HeldBatch) => {
    const entries = batch.held
      .filter(({ ticket }) => !landed.has(ticket))
      .map(({ topic, key, value, headers }) => ({ topic, key, value, ...(headers && { headers }) }))
    try {
      if (entries.length > 0) await log.append(entries, stopped.signal)
    } catch (error) {
      await refused(batch, error)
      return
    }
    await drop(batch)
    signals.spoolForwarded({ events: entries.length })
    if (batch.held.length < MAX_BATCH) deps.nearlyOver()
  }

  /** False once all is over. */
  const step = async (): Promise<boolean> => {
    const batch = await spool.oldest(oneByOne > 0 ? 1 : MAX_BATCH)
    if (batch !== undefined) await forward(batch)
    else if (deps.emptied()) return false
    else await deps.written()
    return true
  }

  return {
    /** Resolves once the spool is empty, or forwarding was stopped. */
    run: async (): Promise<void> => {
      let waitMs = waits.firstMs
      while (!isStopped()) {
        try {
          if (!(await step())) return
          waitMs = waits.firstMs
        } catch (error) {
          if (isStopped()) return
          deps.notOver()
          signals.spoolNotForwarded(error)
          await wait(waitMs, undefined, { signal: stopped.signal, ref: false }).catch(() => {})
          waitMs = Math.min(waitMs * 2, waits.lastMs)
        }
      }
    },
    /** Sends nothing more; what is on its way may still arrive. */
    stop: (): void => stopped.abort(),
  }
}

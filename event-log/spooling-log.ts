import type { Entry, EventLog, Position } from './event-log.ts'
import { LogUnavailable } from './log-unavailable.ts'
import { makeAnteroom } from './spool/anteroom.ts'
import { makeDirectSends } from './spool/direct-sends.ts'
import type { WithdrawableLog } from './spool/direct-sends.ts'
import { FORWARD_WAITS, makeForwarder } from './spool/forwarder.ts'
import type { ForwarderSignals, ForwardWaits } from './spool/forwarder.ts'
import type { Spool, SpoolStatus } from './spool/spool.ts'

/** Outreach waits 5 s for an answer (outreach 1.9); the spool needs some of them to itself. */
export const DEADLINE_MS = 3_000

/** Why deliveries no longer go straight to the log. */
export type SpoolCause = 'rejected' | 'late' | 'left-over' | 'adopted'

export type SpoolingSignals = ForwarderSignals & {
  readonly spoolEntered: (facts: { readonly why: SpoolCause; readonly error?: unknown }) => void
  readonly spoolLeft: (facts: { readonly events: number; readonly seconds: number }) => void
  /** So many events were answered because the spool has them. */
  readonly spooled: (facts: { readonly events: number }) => void
  /** Not even the spool could take it. */
  readonly spoolRefused: (error: unknown) => void
}

export type SpoolingLogOptions = {
  readonly log: WithdrawableLog
  readonly spool: Spool
  /** How long the log may take before deliveries go to the spool. */
  readonly deadlineMs?: number
  /**
   * An entry that was refused like this will never be taken, and is set aside. Any other refusal is
   * tried again for as long as it takes, with everything behind it, so that nothing changes its place.
   */
  readonly isHopeless: (error: unknown) => boolean
  readonly waits?: ForwardWaits
  readonly now?: () => number
  readonly signals: SpoolingSignals
}

export type SpoolingLog = EventLog & {
  /** Of this process; `fullRatio` 1 means that deliveries are no longer answered. */
  readonly status: () => Promise<SpoolStatus>
}

/**
 * A log that may go away: what it has not acknowledged in time is answered from the spool, with no
 * positions, and everything later joins it there, until all of it has been forwarded in the order of
 * the appends (product 3). Closing it closes the log and the spool.
 */
export function makeSpoolingLog(options: SpoolingLogOptions): SpoolingLog {
  const { log, spool, deadlineMs = DEADLINE_MS, now = Date.now, isHopeless, signals } = options
  const landed = new Set<string>()
  let entered: { readonly at: number; events: number } | undefined
  let beingWritten = 0
  let lastWrite = Promise.resolve<undefined>(undefined)
  let isClosed = false

  /** Called in the order of the appends, from the moment of entering on. */
  const keep = async (entries: readonly Entry[]): Promise<readonly string[]> => {
    beingWritten++
    try {
      const tickets = await spool.keep(entries)
      if (entered !== undefined) entered.events += entries.length
      signals.spooled({ events: entries.length })
      return tickets
    } catch (error) {
      signals.spoolRefused(error)
      throw error
    } finally {
      beingWritten--
    }
  }
  const write = (entries: readonly Entry[]) => {
    const written = keep(entries)
    lastWrite = Promise.allSettled([lastWrite, written]).then(() => undefined)
    return written
  }

  const anteroom = makeAnteroom({
    send: (entries) => direct.send(entries),
    spool: async (entries) => {
      await write(entries)
      return []
    },
  })

  const enter = (why: SpoolCause, error?: unknown) => {
    if (entered !== undefined) return
    entered = { at: now(), events: 0 }
    signals.spoolEntered({ why, ...(error !== undefined && { error }) })
    for (const { entries, spooled, refused } of direct.withdraw()) {
      write(entries).then(spooled, refused)
    }
    if (!isClosed) void direct.settled().then(forwarder.run)
  }
  const direct = makeDirectSends({
    log,
    deadlineMs,
    failed: (error) => enter('rejected', error),
    late: () => enter('late'),
    landed: (tickets) => {
      for (const ticket of tickets) landed.add(ticket)
    },
  })

  const forwarder = makeForwarder({
    log,
    spool,
    landed,
    isHopeless,
    waits: options.waits ?? FORWARD_WAITS,
    signals,
    written: () => lastWrite,
    // One step without waiting: nothing can join the spool between the look and the change.
    emptied: () => {
      if (beingWritten > 0 || !spool.isEmpty()) return false
      landed.clear()
      const { at, events } = entered ?? { at: now(), events: 0 }
      entered = undefined
      anteroom.sendAll()
      signals.spoolLeft({ events, seconds: Math.max(0, now() - at) / 1_000 })
      return true
    },
    nearlyOver: () => anteroom.open(),
    notOver: () => anteroom.spoolAll(),
  })

  spool.onAdopted(() => enter('adopted'))
  if (!spool.isEmpty()) enter('left-over')

  const append = async (entries: readonly Entry[]): Promise<readonly Position[]> => {
    if (entries.length === 0) return []
    if (isClosed) throw new LogUnavailable('The event log is closed.')
    if (entered === undefined) return direct.send(entries)
    if (anteroom.isOpen()) return anteroom.wait(entries)
    await write(entries)
    return []
  }

  let closing: Promise<void> | undefined
  const close = async () => {
    isClosed = true
    forwarder.stop()
    anteroom.spoolAll()
    try {
      // What it cannot finish is rejected, and goes to the spool, which is still open.
      await log[Symbol.asyncDispose]()
      await direct.settled()
      await lastWrite
    } finally {
      await spool[Symbol.asyncDispose]()
    }
  }

  return {
    append,
    subscribe: log.subscribe,
    read: log.read,
    partitionsOf: log.partitionsOf,
    lags: log.lags,
    status: spool.status,
    health: async () => {
      if (isClosed) return { ok: false, why: 'The event log is closed.' }
      const health = entered === undefined ? await log.health() : away
      if (health.ok) return health
      const room = await spool.room()
      return room.ok ? room : { ok: false, why: `${health.why} ${room.why}` }
    },
    [Symbol.asyncDispose]: () => (closing ??= close()),
  }
}

const away = { ok: false, why: 'The event log is away, and events wait in the spool.' } as const

import pg from 'pg'
import type { ClientConfig } from 'pg'
import { StateUnavailable } from '../state-unavailable.ts'
import { runBatch } from './run-batch.ts'
import { mayTryAgain } from './to-state-error.ts'

export type LockAsk = { readonly id: string; readonly isTake: boolean }

/** One connection that holds advisory locks; they live and die with it. */
export type LockSession = {
  /** Aborts when the connection is gone, and with it every lock. */
  readonly lost: AbortSignal
  /** Takes and gives back in one statement; answers in the order of the asks. One at a time. */
  readonly exchange: (asks: readonly LockAsk[]) => Promise<readonly boolean[]>
  readonly close: () => Promise<void>
}

// We notice a server that does not answer within 2 + 5 s; it takes the locks from a client that
// does not answer after 5 + 3 x 2 s at the soonest, so whoever lost them knows before somebody else has them.
const BEATS = { beatMs: 2_000, answerMs: 5_000 }
const settings = [
  ['tcp_keepalives_idle', '5'],
  ['tcp_keepalives_interval', '2'],
  ['tcp_keepalives_count', '3'],
  ['client_connection_check_interval', '500'],
  ['idle_session_timeout', '0'],
] as const

const exchanging = `
  SELECT CASE WHEN is_take THEN pg_try_advisory_lock(id) ELSE pg_advisory_unlock(id) END AS done
  FROM unnest($1::bigint[], $2::boolean[]) WITH ORDINALITY AS asked (id, is_take, place)`

/** Rejects with what the driver or the server said. */
export async function openLockSession(
  config: ClientConfig,
  { beatMs, answerMs } = BEATS,
): Promise<LockSession> {
  const client = new pg.Client(config)
  const lost = new AbortController()
  let isAsked = false

  const lose = (cause: unknown) => {
    clearInterval(beat)
    if (lost.signal.aborted) return
    lost.abort(
      new StateUnavailable(
        'The connection that holds our locks was lost: somebody else may hold them.',
        { cause },
      ),
    )
    // The answer to a lock may have been lost as well: only the end of the session tells that it is free.
    void client.end().catch(() => undefined)
  }
  const exchange: LockSession['exchange'] = async (asks) => {
    const params = [
      `{${asks.map(({ id }) => id).join(',')}}`,
      `{${asks.map(({ isTake }) => String(isTake)).join(',')}}`,
    ]
    isAsked = true
    try {
      const [written] = await runBatch(client, [{ sql: exchanging, params }], answerMs)
      return (written?.rows ?? []).map(({ done }) => done === 1)
    } catch (error) {
      lose(error)
      throw error
    } finally {
      isAsked = false
    }
  }
  const beat = setInterval(() => {
    if (!isAsked) exchange([]).catch(() => undefined)
  }, beatMs).unref()

  client.on('error', lose)
  const ended = () => lose(new Error('The server ended it.'))
  client.on('end', ended)
  try {
    await client.connect()
    for (const [setting, value] of settings) {
      // A platform or a version that lacks one of them only frees the locks of a dead machine later.
      await runBatch(
        client,
        [{ sql: `SELECT set_config('${setting}', '${value}', false)` }],
        answerMs,
      ).catch((error: unknown) => {
        if (!(error instanceof pg.DatabaseError) || mayTryAgain(error)) throw error
      })
    }
  } catch (error) {
    lose(error)
    throw error
  }
  return {
    lost: lost.signal,
    exchange,
    close: async () => {
      clearInterval(beat)
      client.off('end', ended)
      await client.end()
    },
  }
}

import { setTimeout as wait } from 'node:timers/promises'
import { Socket } from 'node:net'
import pg from 'pg'
import type { ClientConfig, PoolClient } from 'pg'
import type { Statement, Written } from '../state-store.ts'
import { StateUnavailable } from '../state-unavailable.ts'
import { runBatch } from './run-batch.ts'
import { mayTryAgain, toStateError } from './to-state-error.ts'

export type Deadlines = {
  /** A server that takes no connection for so long, or has none free for so long, is away. */
  readonly connectMs: number
  /** The server gives a statement up after this, and says so. */
  readonly statementMs: number
  /** Longer, so that a word of the server comes first: then nobody answers any more. */
  readonly answerMs: number
}

type Deps = {
  readonly config: ClientConfig
  readonly connections: number
  readonly deadlines: Deadlines
  /** A connection that nobody used was lost; the next statement makes a new one. */
  readonly lost: (error: unknown) => void
}

export type StatementPool = {
  /** One statement commits by itself, several are one transaction. Rejects with our own errors. */
  readonly run: (
    statements: readonly Statement[],
    doing: 'a read' | 'a write',
  ) => Promise<readonly Written[]>
  /** Takes nothing more; resolves once what was asked is answered. */
  readonly close: () => Promise<void>
}

// Waits: 5, 10, 20, 40, 80 ms, each more or less by chance, so that those who met do not meet again.
const TRIES = 6
const FIRST_WAIT_MS = 5
/** What a server that does not answer keeps open is cut after this. */
const GOODBYE_MS = 1_000

/**
 * Writes are not grouped: one transaction of many writes would hold the rows of all of them, and two
 * processes whose groups touch the same rows in another order end in deadlocks, each found after a
 * second only. The server joins the waits for its disk of all connections by itself.
 */
export function openStatementPool({ config, connections, deadlines, lost }: Deps): StatementPool {
  const sockets = new Set<Socket>()
  const pool = new pg.Pool({
    ...config,
    max: connections,
    statement_timeout: deadlines.statementMs,
    // A process that stands still in the middle of a transaction keeps its rows no longer than that.
    idle_in_transaction_session_timeout: deadlines.statementMs,
    stream: () => openSocket(sockets),
  })
  pool.on('error', lost)
  // Whoever waits for an answer hears of it by that; without a listener it would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined))
  const inHand = new Set<Promise<unknown>>()
  let closing: Promise<void> | undefined

  const runOnce = async (statements: readonly Statement[]) => {
    const client = await pool.connect()
    try {
      const written = await runBatch(client, statements, deadlines.answerMs)
      client.release()
      return written
    } catch (error) {
      release(client, error)
      throw error
    }
  }
  const runUntilThrough = async (statements: readonly Statement[]) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await runOnce(statements)
      } catch (error) {
        if (!mayTryAgain(error) || attempt === TRIES) throw error
        await wait(FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.5 + Math.random()))
      }
    }
  }
  const close = async () => {
    await Promise.allSettled(inHand)
    const cut = setTimeout(() => sockets.forEach((socket) => socket.destroy()), GOODBYE_MS)
    await pool.end()
    clearTimeout(cut)
    sockets.forEach((socket) => socket.destroy())
  }

  return {
    run: async (statements, doing) => {
      if (closing !== undefined) throw new StateUnavailable('The state is closed.')
      const running = runUntilThrough(statements)
      inHand.add(running)
      try {
        return await running
      } catch (error) {
        throw toStateError(error, doing)
      } finally {
        inHand.delete(running)
      }
    },
    close: () => (closing ??= close()),
  }
}

/** A statement that was refused leaves its connection as good as it was. */
function release(client: PoolClient, error: unknown): void {
  const isUsable = error instanceof pg.DatabaseError && error.severity === 'ERROR'
  client.release(!isUsable)
}

function openSocket(sockets: Set<Socket>): Socket {
  const socket = new Socket()
  sockets.add(socket)
  socket.once('close', () => sockets.delete(socket))
  return socket
}

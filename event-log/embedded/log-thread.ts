import { Worker } from 'node:worker_threads'
import { LogRefused } from '../log-refused.ts'
import { LogUnavailable } from '../log-unavailable.ts'
import type { Answer, Exchange, FromThread, LogThreadData } from './messages.ts'

type Asked = {
  readonly resolve: (answer: Answer) => void
  readonly reject: (why: LogUnavailable) => void
}

export type LogThread = {
  /** Rejects with `LogUnavailable` where the thread failed or is gone. */
  readonly ask: <Kind extends keyof Exchange>(
    ask: Exchange[Kind]['ask'] & { readonly kind: Kind },
    transfer?: readonly ArrayBuffer[],
  ) => Promise<Exchange[Kind]['answer']>
  /** Aborts when the thread died without being closed. */
  readonly died: AbortSignal
  readonly close: () => Promise<void>
}

/** Starts the thread that owns the log's files; rejects with its sentence where it refuses. */
export async function openLogThread(data: LogThreadData): Promise<LogThread> {
  const worker = new Worker(new URL('../embedded-log-worker.ts', import.meta.url), {
    workerData: data,
  })
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  const died = new AbortController()
  const asked = new Map<number, Asked>()
  let lastId = 0
  let closeId: number | undefined
  let gone: LogUnavailable | undefined

  const end = (why: string, cause?: unknown) => {
    gone ??= new LogUnavailable(why, { cause })
    for (const { reject } of asked.values()) reject(gone)
    asked.clear()
  }
  const die = (cause?: unknown) => {
    if (gone !== undefined) return
    end('The thread of the event log ended unexpectedly. Restart this process.', cause)
    died.abort(gone)
  }
  worker.on('error', die)
  worker.on('exit', () => die())

  await new Promise<void>((resolve, reject) => {
    worker.once('error', reject)
    worker.once('message', (first: FromThread) => {
      if (first.kind === 'refused') reject(new LogRefused(first.why))
      else resolve()
    })
  }).catch(async (error: unknown) => {
    end('The event log was not opened.')
    await worker.terminate()
    throw error
  })

  worker.on('message', (message: FromThread) => {
    if (message.kind !== 'answer' && message.kind !== 'failed') return
    const waiting = asked.get(message.id)
    asked.delete(message.id)
    // At once: the thread's exit may follow in this very turn, and is no death.
    if (message.id === closeId) end('The event log is closed.')
    if (message.kind === 'answer') waiting?.resolve(message.answer)
    else waiting?.reject(new LogUnavailable(`The event log could not do it: ${message.why}`))
  })

  const ask: LogThread['ask'] = (ask, transfer = []) =>
    new Promise((resolve, reject) => {
      if (gone !== undefined) {
        reject(gone)
        return
      }
      const id = ++lastId
      // The thread answers each kind with its own type: `Exchange` pairs them.
      asked.set(id, { resolve: resolve, reject })
      worker.postMessage({ id, ask }, transfer)
    })

  return {
    ask,
    died: died.signal,
    close: async () => {
      if (gone === undefined) {
        const closed = ask({ kind: 'close' })
        closeId = lastId
        await closed
      }
      await exited
    },
  }
}

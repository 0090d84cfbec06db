import { Worker } from 'node:worker_threads'
import { StateRefused } from '../state-refused.ts'
import { StateUnavailable } from '../state-unavailable.ts'
import type { Answer, Exchange, FromThread, StateThreadData } from './messages.ts'

type Asked = {
  readonly resolve: (answer: Answer) => void
  readonly reject: (why: StateUnavailable) => void
}

export type StateThread = {
  /** Rejects with `StateUnavailable` where the thread failed or is gone. */
  readonly ask: <Kind extends keyof Exchange>(
    ask: Exchange[Kind]['ask'] & { readonly kind: Kind },
    transfer?: readonly ArrayBuffer[],
  ) => Promise<Exchange[Kind]['answer']>
  /** Aborts when the thread died without being closed. */
  readonly died: AbortSignal
  readonly close: () => Promise<void>
}

/** Starts the thread that owns the state's files; rejects with its sentence where it refuses. */
export async function openStateThread(data: StateThreadData): Promise<StateThread> {
  const worker = new Worker(new URL('../embedded-state-worker.ts', import.meta.url), {
    workerData: data,
  })
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  const died = new AbortController()
  const asked = new Map<number, Asked>()
  let lastId = 0
  let closeId: number | undefined
  let gone: StateUnavailable | undefined

  const end = (why: string, cause?: unknown) => {
    gone ??= new StateUnavailable(why, { cause })
    for (const { reject } of asked.values()) reject(gone)
    asked.clear()
  }
  const die = (cause?: unknown) => {
    if (gone !== undefined) return
    end('The thread of the state ended unexpectedly. Restart this process.', cause)
    died.abort(gone)
  }
  worker.on('error', die)
  worker.on('exit', () => die())

  await new Promise<void>((resolve, reject) => {
    worker.once('error', reject)
    worker.once('message', (first: FromThread) => {
      if (first.kind === 'refused') reject(new StateRefused(first.why))
      else resolve()
    })
  }).catch(async (error: unknown) => {
    end('The state was not opened.')
    await worker.terminate()
    throw error
  })

  worker.on('message', (message: FromThread) => {
    if (message.kind !== 'answer' && message.kind !== 'failed') return
    const waiting = asked.get(message.id)
    asked.delete(message.id)
    // At once: the thread's exit may follow in this very turn, and is no death.
    if (message.id === closeId) end('The state is closed.')
    if (message.kind === 'answer') waiting?.resolve(message.answer)
    else waiting?.reject(new StateUnavailable(`The state could not do it: ${message.why}`))
  })

  const ask: StateThread['ask'] = (ask, transfer = []) =>
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

import { Worker } from 'node:worker_threads'
import type { AppError } from './errors.ts'

/** What may be asked of a thread, by kind, and what it answers to each. */
export type Exchanges = Readonly<
  Record<string, { readonly ask: { readonly kind: string }; readonly answer: unknown }>
>

/** What a thread posts: `opened` or `refused` first, then one message for each that it was asked. */
export type FromThread<Answer> =
  | { readonly kind: 'opened' }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Answer }
  | { readonly kind: 'failed'; readonly id: number; readonly why: string }

export type FileThread<Exchange extends Exchanges> = {
  /** Rejects with an `unavailable` error where the thread failed or is gone. */
  readonly ask: <Kind extends keyof Exchange & string>(
    ask: Exchange[Kind]['ask'] & { readonly kind: Kind },
    transfer?: readonly ArrayBuffer[],
  ) => Promise<Exchange[Kind]['answer']>
  /** Aborts when the thread died without being closed. */
  readonly died: AbortSignal
  readonly close: () => Promise<void>
}

type Options = {
  readonly module: URL
  readonly data: unknown
  /** In sentences: "event log", "state". */
  readonly what: string
  readonly refused: (why: string) => AppError
  readonly unavailable: (why: string, options?: { readonly cause?: unknown }) => AppError
}

type Asked = {
  readonly resolve: (answer: unknown) => void
  readonly reject: (why: AppError) => void
}

/** Starts a thread that owns files; rejects with its sentence where it refuses. Understands `{ kind: 'close' }`. */
export async function openFileThread<Exchange extends Exchanges>(
  options: Options,
): Promise<FileThread<Exchange>> {
  const { module, data, what, refused, unavailable } = options
  const worker = new Worker(module, { workerData: data })
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  const died = new AbortController()
  const asked = new Map<number, Asked>()
  let lastId = 0
  let closeId: number | undefined
  let gone: AppError | undefined

  const end = (why: string, cause?: unknown) => {
    gone ??= unavailable(why, { cause })
    for (const { reject } of asked.values()) reject(gone)
    asked.clear()
  }
  const die = (cause?: unknown) => {
    if (gone !== undefined) return
    end(`The thread of the ${what} ended unexpectedly. Restart this process.`, cause)
    died.abort(gone)
  }
  worker.on('error', die)
  worker.on('exit', () => die())

  await new Promise<void>((resolve, reject) => {
    worker.once('error', reject)
    worker.once('message', (first: FromThread<unknown>) => {
      if (first.kind === 'refused') reject(refused(first.why))
      else resolve()
    })
  }).catch(async (error: unknown) => {
    end(`The ${what} was not opened.`)
    await worker.terminate()
    throw error
  })

  worker.on('message', (message: FromThread<unknown>) => {
    if (message.kind !== 'answer' && message.kind !== 'failed') return
    const waiting = asked.get(message.id)
    asked.delete(message.id)
    // At once: the thread's exit may follow in this very turn, and is no death.
    if (message.id === closeId) end(`The ${what} is closed.`)
    if (message.kind === 'answer') waiting?.resolve(message.answer)
    else waiting?.reject(unavailable(`The ${what} could not do it: ${message.why}`))
  })

  const post = (ask: { readonly kind: string }, transfer: readonly ArrayBuffer[]) =>
    new Promise<unknown>((resolve, reject) => {
      if (gone !== undefined) {
        reject(gone)
        return
      }
      const id = ++lastId
      if (ask.kind === 'close') closeId = id
      asked.set(id, { resolve, reject })
      worker.postMessage({ id, ask }, transfer)
    })

  return {
    // The thread answers each kind with its own type: `Exchange` pairs them.
    ask: (ask, transfer = []) => post(ask, transfer),
    died: died.signal,
    close: async () => {
      if (gone === undefined) await post({ kind: 'close' }, [])
      await exited
    },
  }
}

import { parentPort, workerData } from 'node:worker_threads'
import { sentenceOf } from '../runtime/errors.ts'
import { makeCheckpoints } from './embedded/checkpoints.ts'
import { keepGroup } from './embedded/keep-group.ts'
import { makeLogStore } from './embedded/log-store.ts'
import type { Answer, Ask, FromThread, LogThreadData } from './embedded/messages.ts'
import { openLogFiles } from './embedded/open-log-files.ts'
import { buffersOf } from './embedded/parcel.ts'
import { makeRetainEntries } from './embedded/retain-entries.ts'
import { makeTopics } from './embedded/topics.ts'
import type { Prepare } from './event-log.ts'

// The log's thread: all of SQLite and all of preparing happens here, beside the event loop of HTTP.
const port = parentPort
if (port !== null) {
  try {
    await serve(port, workerData as LogThreadData) // written by openEmbeddedLog and nobody else
  } catch (error) {
    port.postMessage({ kind: 'refused', why: sentenceOf(error) } satisfies FromThread)
  }
}

async function serve(port: NonNullable<typeof parentPort>, { dir, prepare: from }: LogThreadData) {
  const prepare = from === undefined ? undefined : await loadPrepare(from)
  const files = openLogFiles(dir)
  const topics = makeTopics(files.db)
  const store = makeLogStore(files.db, topics)
  const retainEntries = makeRetainEntries({ db: files.db, topics, store })
  const checkpoints = makeCheckpoints(files.db, files.path)

  let pings = 0

  const close = async () => {
    await checkpoints.close()
    files.db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    files.close()
  }

  const answerTo = (ask: Ask): Sent => {
    switch (ask.kind) {
      case 'group': {
        const answer = keepGroup({ store, prepare }, ask)
        checkpoints.committed()
        return { answer, transfer: [...buffersOf(answer.answers), answer.offsets.buffer] }
      }
      case 'page': {
        const answer = store.readPage(ask)
        return { answer, transfer: buffersOf(answer.values) }
      }
      case 'join':
        return { answer: store.join(ask) }
      case 'lags':
        return { answer: store.lags() }
      case 'retain': {
        const answer = { isDone: retainEntries(ask) }
        checkpoints.committed()
        return { answer }
      }
      case 'size':
        return { answer: store.size() }
      case 'ping':
        // A real write: a disk that only reads is not well.
        store.inTransaction(() => files.db.exec(`PRAGMA user_version=${++pings % 2}`))
        return { answer: null }
      case 'close':
        return { answer: null }
    }
  }

  port.on('message', ({ id, ask }: { readonly id: number; readonly ask: Ask }) => {
    try {
      const { answer, transfer = [] } = answerTo(ask)
      if (ask.kind === 'close') {
        void close().finally(() => {
          port.postMessage({ kind: 'answer', id, answer } satisfies FromThread)
          port.close()
        })
        return
      }
      port.postMessage({ kind: 'answer', id, answer } satisfies FromThread, transfer)
    } catch (error) {
      port.postMessage({ kind: 'failed', id, why: sentenceOf(error) } satisfies FromThread)
    }
  })
  port.postMessage({ kind: 'opened' } satisfies FromThread)
}

async function loadPrepare({ module, options }: NonNullable<LogThreadData['prepare']>) {
  const loaded = (await import(module)) as { readonly makePrepare?: (options: unknown) => Prepare }
  if (loaded.makePrepare === undefined) throw new Error(`${module} does not export makePrepare`)
  return loaded.makePrepare(options)
}

type Sent = { readonly answer: Answer; readonly transfer?: readonly ArrayBuffer[] }

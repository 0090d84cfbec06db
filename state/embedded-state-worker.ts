import { parentPort, workerData } from 'node:worker_threads'
import { sentenceOf } from '../runtime/errors.ts'
import type { Answer, Ask, FromThread, StateThreadData } from './embedded/messages.ts'
import { openStateFile } from './embedded/open-state-file.ts'
import { makeStatementRunner } from './embedded/statement-runner.ts'
import { makeStateWriter } from './embedded/write-group.ts'

/** Quiet for so long, the thread tidies up: then a checkpoint delays nobody. */
const QUIET_MS = 200

const port = parentPort
if (port !== null) {
  try {
    serve(port, workerData as StateThreadData) // written by openEmbeddedState and nobody else
  } catch (error) {
    port.postMessage({ kind: 'refused', why: sentenceOf(error) } satisfies FromThread)
  }
}

function serve(port: NonNullable<typeof parentPort>, { dir }: StateThreadData) {
  const db = openStateFile(dir)
  const { read, writeGroup } = makeStateWriter(db, makeStatementRunner(db))
  const checkpoint = db.prepare('PRAGMA wal_checkpoint(PASSIVE)')
  let quiet: NodeJS.Timeout | undefined

  const answerTo = (ask: Ask): Answer => {
    switch (ask.kind) {
      case 'read':
        return read(ask.statement)
      case 'write': {
        const outcomes = writeGroup(ask.writes)
        clearTimeout(quiet)
        quiet = setTimeout(() => checkpoint.get(), QUIET_MS).unref()
        return outcomes
      }
      case 'close':
        clearTimeout(quiet)
        db.close()
        return null
    }
  }

  port.on('message', ({ id, ask }: { readonly id: number; readonly ask: Ask }) => {
    try {
      port.postMessage({ kind: 'answer', id, answer: answerTo(ask) } satisfies FromThread)
    } catch (error) {
      port.postMessage({ kind: 'failed', id, why: sentenceOf(error) } satisfies FromThread)
    }
    if (ask.kind === 'close') port.close()
  })
  port.postMessage({ kind: 'opened' } satisfies FromThread)
}

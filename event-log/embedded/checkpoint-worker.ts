import { parentPort, workerData } from 'node:worker_threads'
import { openDurable } from './open-log-files.ts'

const db = openDurable(String(workerData))
const checkpoint = db.prepare('PRAGMA wal_checkpoint(PASSIVE)')

parentPort?.on('message', () => {
  checkpoint.get()
  parentPort?.postMessage(null)
})

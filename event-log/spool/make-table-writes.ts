import type { Entry } from '../event-log.ts'
import { packEntry } from './pack-entry.ts'
import { spoolSql, toTicket } from './table-store.ts'
import type { SpoolRow, TableStore } from './table-store.ts'

const MAX_ROWS = 200
const MAX_BYTES = 4 * 1024 * 1024

type Waiting = {
  readonly rows: readonly SpoolRow[]
  readonly bytes: number
  readonly resolve: (tickets: readonly string[]) => void
  readonly reject: (why: unknown) => void
}

type Deps = {
  readonly store: Pick<TableStore, 'write'>
  readonly owner: string
  readonly now: () => number
  /** Rows up to this one are there, or may be where the write's answer was lost. */
  readonly written: (upTo: number, bytes: number) => void
}

/** One insert under way at a time, so that none is there before the one that was asked for first. */
export function makeTableWrites({ store, owner, now, written }: Deps) {
  let sequence = 0
  let waiting: Waiting[] = []
  let isWriting = false
  let queuedBytes = 0

  const writeSome = async (some: readonly Waiting[]) => {
    const rows = some.flatMap((one) => one.rows)
    const upTo = rows.at(-1)?.sequence ?? 0
    const bytes = some.reduce((sum, one) => sum + one.bytes, 0)
    try {
      await store.write([spoolSql.insert(owner, rows, now())])
      written(upTo, bytes)
      for (const { rows: own, resolve } of some) {
        resolve(own.map((row) => toTicket(owner, row.sequence)))
      }
    } catch (error) {
      written(upTo, bytes)
      for (const { reject } of some) reject(error)
    } finally {
      queuedBytes -= bytes
    }
  }
  const writeAll = async () => {
    if (isWriting) return
    isWriting = true
    while (waiting.length > 0) {
      const some = waiting.slice(0, countOf(waiting))
      waiting = waiting.slice(some.length)
      await writeSome(some)
    }
    isWriting = false
  }

  return {
    queuedBytes: () => queuedBytes,
    keep: (entries: readonly Entry[]): Promise<readonly string[]> =>
      new Promise((resolve, reject) => {
        const rows = entries.map((entry): SpoolRow => {
          const packed = packEntry(entry)
          const body = Buffer.from(packed).toString('base64')
          return { sequence: ++sequence, bytes: packed.length, body }
        })
        const bytes = rows.reduce((sum, row) => sum + row.bytes, 0)
        queuedBytes += bytes
        waiting.push({ rows, bytes, resolve, reject })
        void writeAll()
      }),
  }
}

/** As many as one insert takes, and one at least. */
function countOf(waiting: readonly Waiting[]): number {
  let rows = 0
  let bytes = 0
  for (const [index, one] of waiting.entries()) {
    rows += one.rows.length
    bytes += one.bytes
    if (index > 0 && (rows > MAX_ROWS || bytes > MAX_BYTES)) return index
  }
  return waiting.length
}

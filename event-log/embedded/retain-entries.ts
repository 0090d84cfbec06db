import type { DatabaseSync } from 'node:sqlite'
import type { LogStore } from './log-store.ts'
import { offsetAt } from './log-store.ts'
import type { Retain } from './messages.ts'
import type { Topic, Topics } from './topics.ts'

/** One step deletes no more than this, for appends wait behind it; the caller asks until all is done. */
const MAX_ROWS_A_STEP = 1_000
const MAX_ROWS_A_BITE = 100

type Deps = { readonly db: DatabaseSync; readonly topics: Topics; readonly store: LogStore }

/**
 * Deletes what is too old, then the oldest of what is too much; never what a group of ours has not
 * committed. Answers true once nothing is left to delete.
 */
export function makeRetainEntries({ db, topics, store }: Deps) {
  const slowest = db.prepare(
    'SELECT min(next) AS next FROM marks WHERE topic_id = ? AND substr(group_name, 1, length(?2)) = ?2',
  )

  const freeUntil = (topic: Topic, ownGroups: string) =>
    Number(slowest.get(topic.id, ownGroups)?.['next'] ?? topics.headOf(topic).head)

  /** Deletes from the tail on: up to `end`, until `enough` bytes are freed, `maxRows` at most. */
  const bite = (topic: Topic, end: number, { maxRows, enough }: Bite) => {
    const rows = db
      .prepare(
        `SELECT offset, length(value) AS bytes FROM ${topic.table} WHERE offset < ? ORDER BY offset LIMIT ?`,
      )
      .all(end, maxRows)
    let freed = 0
    let taken = 0
    let last = -1
    for (const row of rows) {
      if (freed >= enough) break
      freed += Number(row['bytes'])
      last = Number(row['offset'])
      taken++
    }
    db.prepare(`DELETE FROM ${topic.table} WHERE offset <= ?`).run(last)
    const head = topics.headOf(topic)
    topics.writeHead(topic, { ...head, bytes: head.bytes - freed })
    return { taken, freed }
  }

  const mortal = (keepForever: readonly string[]) =>
    topics.all().filter(({ name }) => !keepForever.includes(name))

  const deleteTooOld = ({ now, maxAgeMs, ownGroups, keepForever }: Retain, room: number) => {
    let taken = 0
    for (const topic of mortal(keepForever)) {
      const end = Math.min(freeUntil(topic, ownGroups), offsetAt(topics, topic, now - maxAgeMs))
      taken += bite(topic, end, { maxRows: room - taken, enough: Infinity }).taken
    }
    return taken
  }

  const oldestFree = ({ ownGroups, keepForever }: Retain) => {
    let oldest: { topic: Topic; keptAt: number; end: number } | undefined
    for (const topic of mortal(keepForever)) {
      const first = topic.first.get()
      const end = freeUntil(topic, ownGroups)
      if (first === undefined || Number(first['offset']) >= end) continue
      const keptAt = Number(first['kept_at'])
      if (oldest === undefined || keptAt < oldest.keptAt) oldest = { topic, keptAt, end }
    }
    return oldest
  }

  const deleteTooMuch = (retain: Retain, room: number) => {
    // What is kept for ever takes no room from the others, or they would be deleted for it.
    let excess = mortal(retain.keepForever).reduce(
      (sum, topic) => sum + topics.headOf(topic).bytes,
      -retain.maxBytes,
    )
    let taken = 0
    while (excess > 0 && taken < room) {
      const oldest = oldestFree(retain)
      if (oldest === undefined) break
      const maxRows = Math.min(room - taken, MAX_ROWS_A_BITE)
      const bitten = bite(oldest.topic, oldest.end, { maxRows, enough: excess })
      excess -= bitten.freed
      taken += bitten.taken
    }
    return taken
  }

  return (retain: Retain): boolean =>
    store.inTransaction(() => {
      const old = deleteTooOld(retain, MAX_ROWS_A_STEP)
      const much = deleteTooMuch(retain, MAX_ROWS_A_STEP - old)
      return old + much < MAX_ROWS_A_STEP
    })
}

type Bite = { readonly maxRows: number; readonly enough: number }

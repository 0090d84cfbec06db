import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** One topic's table: its own, so that appends always go to its right-hand end and pages stay full. */
export type Topic = {
  readonly id: number
  readonly name: string
  readonly table: string
  readonly insert: StatementSync
  readonly page: StatementSync
  readonly keptAt: StatementSync
  readonly first: StatementSync
}

export type Head = { readonly head: number; readonly bytes: number; readonly keptAt: number }

export type Topics = {
  readonly find: (name: string) => Topic | undefined
  readonly findOrMake: (name: string) => Topic
  readonly all: () => readonly Topic[]
  readonly headOf: (topic: Topic) => Head
  readonly writeHead: (topic: Topic, head: Head) => void
  /** The oldest offset still kept; the head where nothing is. */
  readonly tailOf: (topic: Topic) => number
  /** After a rollback: topics made in it are no longer there. */
  readonly forget: () => void
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS heads (
    id INTEGER PRIMARY KEY, topic TEXT NOT NULL, partition INTEGER NOT NULL DEFAULT 0,
    head INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0,
    kept_at INTEGER NOT NULL DEFAULT 0, UNIQUE (topic, partition));
  CREATE TABLE IF NOT EXISTS marks (
    group_name TEXT NOT NULL, topic_id INTEGER NOT NULL, next INTEGER NOT NULL,
    PRIMARY KEY (group_name, topic_id)) WITHOUT ROWID;`

/** Topics come into being with their first entry or their first group. */
export function makeTopics(db: DatabaseSync): Topics {
  db.exec(SCHEMA)
  const known = new Map<string, Topic>()
  const selectId = db.prepare('SELECT id FROM heads WHERE topic = ? AND partition = 0')
  const insertHead = db.prepare('INSERT INTO heads (topic) VALUES (?) RETURNING id')
  const selectNames = db.prepare('SELECT topic FROM heads ORDER BY id')
  const selectHead = db.prepare('SELECT head, bytes, kept_at FROM heads WHERE id = ?')
  const updateHead = db.prepare('UPDATE heads SET head = ?, bytes = ?, kept_at = ? WHERE id = ?')

  const remember = (id: number, name: string): Topic => {
    const topic = prepareTopic(db, id, name)
    known.set(name, topic)
    return topic
  }
  const find = (name: string) => {
    const topic = known.get(name)
    if (topic !== undefined) return topic
    const row = selectId.get(name)
    return row === undefined ? undefined : remember(Number(row['id']), name)
  }
  const headOf = (topic: Topic): Head => {
    const row = selectHead.get(topic.id) ?? {}
    return {
      head: Number(row['head'] ?? 0),
      bytes: Number(row['bytes'] ?? 0),
      keptAt: Number(row['kept_at'] ?? 0),
    }
  }
  return {
    find,
    findOrMake: (name) => find(name) ?? remember(Number(insertHead.get(name)?.['id']), name),
    all: () => selectNames.all().flatMap((row) => find(String(row['topic'])) ?? []),
    headOf,
    writeHead: (topic, { head, bytes, keptAt }) => {
      updateHead.run(head, bytes, keptAt, topic.id)
    },
    tailOf: (topic) => Number(topic.first.get()?.['offset'] ?? headOf(topic).head),
    forget: () => {
      known.clear()
    },
  }
}

function prepareTopic(db: DatabaseSync, id: number, name: string): Topic {
  const table = `entries_${id}`
  db.exec(`CREATE TABLE IF NOT EXISTS ${table} (offset INTEGER PRIMARY KEY, kept_at INTEGER NOT NULL,
             key TEXT NOT NULL, headers TEXT, value BLOB NOT NULL)`)
  return {
    id,
    name,
    table,
    insert: db.prepare(`INSERT INTO ${table} VALUES (?, ?, ?, ?, ?)`),
    page: db.prepare(`SELECT * FROM ${table} WHERE offset >= ? ORDER BY offset LIMIT ?`),
    keptAt: db.prepare(`SELECT kept_at FROM ${table} WHERE offset = ?`),
    first: db.prepare(`SELECT offset, kept_at FROM ${table} ORDER BY offset LIMIT 1`),
  }
}

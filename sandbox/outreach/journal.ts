import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'

export type Table<Value> = {
  readonly get: (key: string) => Value | undefined
  readonly set: (key: string, value: Value) => void
  readonly delete: (key: string) => void
  readonly values: () => Iterable<Value>
  readonly size: () => number
}

export type Journal = {
  /** The table of that name, as the last run left it. */
  readonly table: <Value>(name: string) => Table<Value>
  /** False until something was ever written: the moment to seed. */
  readonly isUsed: boolean
  readonly close: () => void
}

/** Tables in memory; with a file, each change is a line in it before the call returns. */
export function openJournal(path?: string): Journal {
  const contents = new Map<string, Map<string, unknown>>()
  const contentOf = (name: string): Map<string, unknown> => {
    const content = contents.get(name) ?? new Map<string, unknown>()
    contents.set(name, content)
    return content
  }
  const lines = path === undefined ? [] : readWholeLines(path)
  for (const [name, key, value] of lines) {
    if (value === undefined) contentOf(name).delete(key)
    else contentOf(name).set(key, value)
  }
  const file = path === undefined ? undefined : openSync(path, 'a', 0o600)
  const write = (line: readonly unknown[]) => {
    if (file !== undefined) writeSync(file, `${JSON.stringify(line)}\n`)
  }
  return {
    isUsed: lines.length > 0,
    table: <Value>(name: string) => toTable<Value>(name, contentOf(name), write),
    close: () => {
      if (file !== undefined) closeSync(file)
    },
  }
}

function toTable<Value>(
  name: string,
  content: Map<string, unknown>,
  write: (line: readonly unknown[]) => void,
): Table<Value> {
  // A table's values are written by the one part that owns its name, so what is read is what it wrote.
  const owned = content as Map<string, Value>
  return {
    get: (key) => owned.get(key),
    set: (key, value) => {
      write([name, key, value])
      owned.set(key, value)
    },
    delete: (key) => {
      write([name, key])
      owned.delete(key)
    },
    values: () => owned.values(),
    size: () => owned.size,
  }
}

type Line = readonly [table: string, key: string, value?: unknown]

function readWholeLines(path: string): readonly Line[] {
  mkdirSync(dirname(path), { recursive: true })
  if (!existsSync(path)) return []
  const bytes = readFileSync(path)
  // A process killed in the middle of a line leaves a torn one: it was never answered, so it goes.
  const end = bytes.lastIndexOf(10) + 1
  if (end < bytes.length) truncateSync(path, end)
  return bytes
    .subarray(0, end)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line) // our own file: written by `write` above
}

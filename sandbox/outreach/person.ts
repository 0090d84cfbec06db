import { makeNotFoundError } from './api-error.ts'
import type { Link, RecordStore, Row } from './record-store.ts'
import type { RecordView } from './record-view.ts'
import type { Actor } from './record-consequences.ts'
import type { RecordWriter } from './record-writer.ts'
import type { Resources } from './resources.ts'
import { toPersonWish } from './write-validation.ts'
import { toWireTime } from './wire-time.ts'

export type PersonWish = {
  readonly attributes?: Readonly<Record<string, unknown>>
  /** `{owner: 31}`, `{owner: {type: 'user', id: 31}}`, `{owner: null}`. */
  readonly links?: Readonly<Record<string, unknown>>
}

export type SeenRecord = {
  readonly type: string
  readonly id: number
  readonly attributes: Readonly<Record<string, unknown>>
  readonly links: Readonly<Record<string, Link | null>>
}

/** Somebody at the screen of Outreach: the same rules, no token, and the same webhooks. */
export type Person = {
  readonly create: (type: string, wish: PersonWish) => SeenRecord
  readonly update: (type: string, id: number, wish: PersonWish) => SeenRecord
  readonly remove: (type: string, id: number) => void
  /** Into the recycle area: `trashedAt` is set, and lists do not show it any more. */
  readonly trash: (type: string, id: number) => SeenRecord
  readonly read: (type: string, id: number) => SeenRecord | undefined
  readonly list: (type: string) => readonly SeenRecord[]
  /** Moves `touchedAt` alone, as a sent mail or a call does. */
  readonly touch: (type: string, id: number) => void
  /** A bare action event, such as `mailing` 5501 `opened`. */
  readonly announce: (type: string, id: number, action: string) => void
  /** The id that the next record of this type will get. */
  readonly upcomingId: (type: string) => number
}

type Deps = {
  readonly store: RecordStore
  readonly resources: Resources
  readonly view: RecordView
  readonly writer: RecordWriter
  readonly now: () => number
  readonly userId: () => number | null
}

export function makePerson(deps: Deps): Person {
  const { store, writer, resources } = deps
  const actor = (): Actor => ({ userId: deps.userId(), through: 'ui' })
  const find = (type: string, id: number): Row => {
    const row = store.find(type, id)
    if (row === undefined) throw makeNotFoundError(type, String(id))
    return row
  }
  const see = (row: Row) => toSeenRecord(row, deps.view)
  return {
    create: (type, wish) =>
      see(writer.create(type, toPersonWish(resources.of(type), wish), actor())),
    update: (type, id, wish) =>
      see(writer.update(find(type, id), toPersonWish(resources.of(type), wish), actor())),
    remove: (type, id) => writer.remove(find(type, id), actor()),
    trash: (type, id) => {
      const attributes = { trashedAt: toWireTime(deps.now()) }
      return see(writer.update(find(type, id), { attributes, links: {} }, actor()))
    },
    read: (type, id) => {
      const row = store.find(type, id)
      return row === undefined ? undefined : see(row)
    },
    list: (type) => [...store.all(type)].map(see),
    touch: (type, id) => writer.touch(find(type, id)),
    announce: (type, id, action) => writer.announce(find(type, id), action),
    upcomingId: store.upcomingId,
  }
}

function toSeenRecord(row: Row, view: RecordView): SeenRecord {
  const { attributes, relationships } = view.resourceOf(row)
  const toOne = [...relationships.values()].filter(({ cardinality }) => cardinality === 'one')
  return {
    type: row.type,
    id: row.id,
    attributes: Object.fromEntries(
      [...attributes.keys()].map((name) => [name, view.valueOf(row, name)]),
    ),
    links: Object.fromEntries(toOne.map(({ name }) => [name, view.linkOf(row, name)])),
  }
}

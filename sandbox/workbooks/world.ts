import type { Behaviour } from './behaviour.ts'
import type { Catalogue } from './catalogue.ts'
import type { Database, Transaction } from './database.ts'
import type { Preferences } from './preferences.ts'
import type { Author, Lookup, User } from './row.ts'
import type { Random } from './seeded-random.ts'
import type { Formats } from './wire-values.ts'
import type { WriteDeps } from './write-records.ts'

/** What the API door and the Desktop door share. */
export type World = {
  readonly database: Database
  readonly catalogue: Catalogue
  readonly behaviour: Behaviour
  readonly users: readonly User[]
  readonly random: Random
  /** Epoch ms. */
  readonly now: () => number
  readonly newHex: (length: number) => string
  readonly linkPrefix: string
}

export const lookupIn =
  (world: World) =>
  (source: Pick<Transaction, 'row'>): Lookup => ({
    row: (controller, id) => (typeof id === 'number' ? source.row(controller, id) : undefined),
    user: (id) => world.users.find((user) => user.id === id),
    linkPrefix: world.linkPrefix,
  })

export const formatsFor = (world: World, preferences: Preferences): Formats => ({
  ...preferences.formats,
  arraysAs: world.behaviour.arraysAs,
  timeZone: preferences.timeZone ?? world.behaviour.timeZone,
})

const isStrict = (world: World, preferences: Preferences): boolean => {
  const { strictAttributes } = world.behaviour
  return strictAttributes === 'as-asked' ? preferences.isStrict : strictAttributes === 'always'
}

/** Undefined where there is no such record type. */
export const writeDepsFor = (
  world: World,
  controller: string,
  who: { readonly author: Author; readonly preferences: Preferences },
): WriteDeps | undefined => {
  const resource = world.catalogue.resource(controller)
  if (!resource) return undefined
  const { author, preferences } = who
  const timeZone = preferences.timeZone ?? world.behaviour.timeZone
  const now = Math.floor(world.now() / 1000)
  return {
    resource,
    author,
    now,
    catalogue: world.catalogue,
    database: world.database,
    behaviour: { ...world.behaviour, timeZone },
    formats: formatsFor(world, preferences),
    newSecret: () => world.newHex(40),
    lookupIn: lookupIn(world),
    isStrict: isStrict(world, preferences),
    isPerObject: preferences.isPerObject,
    list: {
      columns: world.catalogue.columns(controller),
      timeZone,
      foldAccents: world.behaviour.foldAccents,
      unknownFilters: world.behaviour.unknownFilters,
      now,
    },
  }
}

import { defaultFormats } from './format-time.ts'
import { toWireText } from './parameters.ts'
import type { RowRequest } from './parse-rows.ts'
import type { Preferences } from './preferences.ts'
import { renderRow } from './render-row.ts'
import type { Rendered } from './render-row.ts'
import type { Author, Row, User } from './row.ts'
import { formatsFor, lookupIn, writeDepsFor } from './world.ts'
import type { World } from './world.ts'
import { writeRow } from './write-row.ts'
import type { RowResult } from './write-row.ts'

export type Columns = Readonly<Record<string, unknown>>

const kinds = {
  organisations: 'crm/organisations',
  people: 'crm/people',
  opportunities: 'crm/opportunities',
  tasks: 'activity/tasks',
} as const

export type PersonKind = keyof typeof kinds

/** Somebody at the Desktop. Records are named by kind or by controller path; every answer shows the whole record. */
export type Person = {
  readonly create: (kind: string, columns: Columns) => Rendered
  readonly update: (kind: string, id: number, columns: Columns) => Rendered
  readonly remove: (kind: string, id: number) => Rendered
  /** Takes a record out of the recycle bin. */
  readonly restore: (kind: string, id: number) => Rendered
  /** Deleted and hidden records too. */
  readonly read: (kind: string, id: number) => Rendered | undefined
  readonly list: (kind: string) => readonly Rendered[]
  /** Takes a record out of the API user's sight, or puts it back. */
  readonly hide: (kind: string, id: number, isHidden?: boolean) => void
  /** The id that the next record of this kind will get. */
  readonly upcomingId: (kind: string) => number
}

export const isPersonKind = (text: string): text is PersonKind => Object.hasOwn(kinds, text)

/** A person sees what is wrong on the screen. */
export class RefusedEdit extends Error {}

const preferences: Preferences = {
  isStrict: true,
  isPerObject: false,
  isPretty: false,
  isEscaped: false,
  callback: undefined,
  formats: defaultFormats,
  timeZone: undefined,
}

const netValue = 'document_currency_net_value'
const queueNames = ['queue_entry[queue[name]]', 'assigned_to_name']

const complaint = (result: Exclude<RowResult, { kind: 'written' }>): string =>
  result.kind === 'invalid'
    ? Object.entries(result.errors)
        .map(([name, messages]) => `${name} ${messages.join(', ')}`)
        .join('; ')
    : 'there is no such record'

export const makePerson = (world: World, user: User): Person => {
  const author: Author = { userId: user.id, application: 'Workbooks', door: 'desktop' }
  const controllerOf = (kind: string): string => (isPersonKind(kind) ? kinds[kind] : kind)

  const render = (controller: string, row: Row): Rendered =>
    renderRow(row, world.catalogue.columns(controller).values(), {
      lookup: lookupIn(world)(world.database),
      formats: formatsFor(world, preferences),
    })

  const queueId = (controller: string, name: unknown): unknown => {
    if (name === null || name === '') return null
    const queues = world.catalogue.resource(controller)?.queues ?? ''
    const queue = world.database.rows(queues).find((row) => row.values['name'] === name)
    if (!queue) throw new RefusedEdit(`there is no queue "${toWireText(name)}"`)
    return queue.id
  }

  /** The Desktop offers names where the API wants ids. */
  const toTexts = (controller: string, columns: Columns): ReadonlyMap<string, string | null> => {
    const texts = new Map<string, string | null>()
    for (const [name, value] of Object.entries(columns)) {
      const isQueue = queueNames.includes(name)
      const text = toWireText(isQueue ? queueId(controller, value) : value)
      texts.set(isQueue ? 'assigned_to' : name, text === ':null_value:' ? null : text)
    }
    texts.delete(netValue)
    return texts
  }

  const write = (controller: string, request: RowRequest): number => {
    const deps = writeDepsFor(world, controller, { author, preferences })
    if (!deps) throw new RefusedEdit(`there are no records "${controller}"`)
    const tx = world.database.begin()
    const context = { ...deps, tx, lookup: deps.lookupIn(tx), isInReach: () => true }
    const result = writeRow(request, context)
    if (result.kind !== 'written') throw new RefusedEdit(complaint(result))
    tx.commit(author)
    return Number(result.affected['id'])
  }

  /** An amount typed at an opportunity becomes its one line item. */
  const writeAmount = (controller: string, id: number, columns: Columns): void => {
    if (controller !== kinds.opportunities || columns[netValue] === undefined) return
    const lines = 'crm/opportunity_line_items'
    const line = world.database
      .rows(lines)
      .find((row) => !row.isDeleted && row.values['document_header_id'] === id)
    const amount = toWireText(columns[netValue])
    const texts = new Map([
      ['document_header_id', String(id)],
      ['unit_quantity', '1'],
      ['document_currency_unit_price_value', amount],
    ])
    write(lines, {
      method: line ? 'PUT' : 'POST',
      id: line?.id ?? 0,
      lockVersion: line?.lockVersion ?? 0,
      columns: texts,
    })
  }

  const read: Person['read'] = (kind, id) => {
    const controller = controllerOf(kind)
    const row = world.database.row(controller, id)
    return row && render(controller, row)
  }

  const mustRead = (kind: string, id: number): Rendered => {
    const found = read(kind, id)
    if (!found) throw new RefusedEdit('there is no such record')
    return found
  }

  const change = (kind: string, id: number, request: Pick<RowRequest, 'method' | 'columns'>) => {
    const controller = controllerOf(kind)
    const row = world.database.row(controller, id)
    if (!row || row.isDeleted) throw new RefusedEdit('there is no such record')
    write(controller, { ...request, id, lockVersion: row.lockVersion })
  }

  return {
    create: (kind, columns) => {
      const controller = controllerOf(kind)
      const texts = toTexts(controller, columns)
      const id = write(controller, { method: 'POST', id: 0, lockVersion: 0, columns: texts })
      writeAmount(controller, id, columns)
      return mustRead(kind, id)
    },
    update: (kind, id, columns) => {
      const controller = controllerOf(kind)
      change(kind, id, { method: 'PUT', columns: toTexts(controller, columns) })
      writeAmount(controller, id, columns)
      return mustRead(kind, id)
    },
    remove: (kind, id) => {
      change(kind, id, { method: 'DELETE', columns: new Map() })
      return mustRead(kind, id)
    },
    restore: (kind, id) => {
      const controller = controllerOf(kind)
      const row = world.database.row(controller, id)
      if (row?.isDeleted !== true) throw new RefusedEdit('it is not in the recycle bin')
      const tx = world.database.begin()
      tx.put(controller, {
        ...row,
        isDeleted: false,
        lockVersion: row.lockVersion + 1,
        updatedAt: Math.floor(world.now() / 1000),
        updatedBy: user.id,
      })
      tx.commit(author)
      return mustRead(kind, id)
    },
    read,
    list: (kind) => {
      const controller = controllerOf(kind)
      return world.database.rows(controller).map((row) => render(controller, row))
    },
    hide: (kind, id, isHidden = true) => world.database.hide(controllerOf(kind), id, isHidden),
    upcomingId: (kind) => world.database.upcomingId(controllerOf(kind)),
  }
}

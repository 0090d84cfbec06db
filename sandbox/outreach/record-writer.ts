import { isDeepStrictEqual } from 'node:util'
import { toUser, toWishWithConsequences, type Actor } from './record-consequences.ts'
import { toColumnDefaults } from './record-defaults.ts'
import {
  makeResentEmailsError,
  mustBeAcceptable,
  mustBeFreeEmails,
  toAddresses,
  type Demands,
} from './record-demands.ts'
import type { RecordEvent } from './record-event.ts'
import type { RecordStore, Row } from './record-store.ts'
import type { Resources } from './resources.ts'
import { applyLists, isListRow, toLists, type RowWrites } from './prospect-lists.ts'
import { toWireTime } from './wire-time.ts'
import type { Wish } from './write-validation.ts'

export type RecordWriter = {
  readonly create: (type: string, wish: Wish, actor: Actor) => Row
  /** Writes what differs, and only that moves `updatedAt` and makes an event. */
  readonly update: (row: Row, wish: Wish, actor: Actor) => Row
  readonly remove: (row: Row, actor: Actor) => void
  /** Moves `touchedAt` alone, as activity on a record does. */
  readonly touch: (row: Row) => void
  /** A bare action event: `task.completed`, `mailing.opened`. */
  readonly announce: (row: Row, action: string) => void
}

export type WriterRules = Demands & {
  /** Off: a change of lists alone leaves `updatedAt` as it was (outreach-api 1.7, no-op event). */
  readonly listChangesMoveUpdatedAt: boolean
  readonly refusesResentEmails: boolean
  /** How a text is stored: as it came, trimmed, cut (not documented). */
  readonly rendersText: (attribute: string, text: string) => string
  /** On: a new prospect joins, or makes, the account of its e-mail domain (outreach-api 6.1). */
  readonly linksProspectsByDomain: boolean
  /** A `destroyed` is preceded by an empty `updated`, as captured (outreach-api 1.7). */
  readonly announcesFarewell: () => boolean
}

type Deps = {
  readonly store: RecordStore
  readonly resources: Resources
  readonly rules: WriterRules
  readonly now: () => number
  readonly newId: () => string
  readonly emit: (event: RecordEvent) => void
}

export function makeRecordWriter(deps: Deps): RecordWriter {
  const { store, resources, rules, emit } = deps
  const at = () => toWireTime(deps.now())
  const demands = { store, resources, demands: rules }

  const insert = (type: string, wish: Wish, actor: Actor): Row => {
    const resource = resources.of(type)
    const stamps = {
      createdAt: at(),
      ...(resource.attributes.has('updatedAt') && { updatedAt: at() }),
    }
    const isApiMade = actor.through === 'api' && resource.attributes.has('externalSource')
    const writers = ['creator', 'updater'].filter((name) => resource.relationships.has(name))
    const draft = {
      type,
      id: 0,
      attributes: {
        ...toColumnDefaults(type),
        ...(isApiMade && { externalSource: 'outreach-api' }),
        ...stamps,
        ...wish.attributes,
      },
      links: {
        ...Object.fromEntries(writers.map((name) => [name, toUser(actor.userId)])),
        ...wish.links,
      },
    }
    mustBeAcceptable(draft, demands)
    const row = { ...draft, id: store.nextId(type) }
    store.put(row)
    emit({ type, id: row.id, action: 'created', after: row })
    return row
  }

  const amend = (row: Row, wish: Wish, actor: Actor): { after: Row; announce: () => void } => {
    const resource = resources.of(row.type)
    const attributes = toChanges(row.attributes, wish.attributes)
    const links = toChanges(row.links, wish.links)
    const isList = (name: string) => resource.attributes.get(name)?.kind === 'array'
    const names = Object.keys(attributes)
    if (names.length + Object.keys(links).length === 0) return { after: row, announce: () => {} }
    const moves =
      Object.keys(links).length > 0 ||
      names.some(
        (name) => name !== 'touchedAt' && (rules.listChangesMoveUpdatedAt || !isList(name)),
      )
    const hasUpdater = resource.relationships.has('updater') && actor.userId !== null
    const after = {
      ...row,
      attributes: {
        ...row.attributes,
        ...attributes,
        ...(moves && resource.attributes.has('updatedAt') && { updatedAt: at() }),
      },
      links: {
        ...row.links,
        ...links,
        ...(moves && hasUpdater && { updater: toUser(actor.userId) }),
      },
    }
    mustBeAcceptable(after, demands)
    store.put(after)
    const { type, id } = row
    return { after, announce: () => emit({ type, id, action: 'updated', before: row, after }) }
  }

  const drop = (row: Row) => {
    const { type, id } = row
    if (rules.announcesFarewell()) emit({ type, id, action: 'updated', before: row, after: row })
    store.remove(row)
    emit({ type, id, action: 'destroyed', before: row })
  }

  const writesOf = (actor: Actor): RowWrites => ({
    insert: (type, wish) => void insert(type, wish, actor),
    amend: (row, wish) => amend(row, wish, actor).announce(),
    drop,
  })

  const relist = (row: Row) => {
    const link = isListRow(row.type) ? row.links['prospect'] : undefined
    const prospect = link ? store.find('prospect', link.id) : undefined
    if (prospect === undefined) return
    const attributes = { ...prospect.attributes, ...toLists(prospect.id, store) }
    const after = { ...prospect, attributes }
    store.put(after)
    emit({ type: 'prospect', id: prospect.id, action: 'updated', before: prospect, after })
  }

  const mustHaveFreeEmails = (type: string, wish: Wish, owner: number | undefined) => {
    const { emails, email } = wish.attributes
    if (type === 'prospect') mustBeFreeEmails(emails, { ...demands, owner })
    if (type === 'emailAddress') mustBeFreeEmails([email ?? ''], { ...demands, owner })
  }

  const rendered = (wish: Wish): Wish => ({
    ...wish,
    attributes: Object.fromEntries(
      Object.entries(wish.attributes).map(([name, value]) => [
        name,
        typeof value === 'string' ? rules.rendersText(name, value) : value,
      ]),
    ),
  })

  const withDomainAccount = (type: string, wish: Wish, actor: Actor): Wish => {
    const domain = toAddresses(wish.attributes['emails'])[0]?.split('@')[1]
    const isWanted = rules.linksProspectsByDomain && type === 'prospect' && !wish.links['account']
    if (!isWanted || domain === undefined) return wish
    const known = [...store.all('account')].find((row) => row.attributes['domain'] === domain)
    const attributes = { name: domain, domain, named: false }
    const account = known ?? insert('account', { attributes, links: {} }, actor)
    return { ...wish, links: { ...wish.links, account: { type: 'account', id: account.id } } }
  }

  return {
    create: (type, asked, actor) => {
      const wish = rendered(asked)
      mustHaveFreeEmails(type, wish, wish.links['prospect']?.id)
      const saving = { before: undefined, at: at(), actor, newId: deps.newId }
      const linked = withDomainAccount(type, wish, actor)
      const row = insert(type, toWishWithConsequences(type, { ...saving, wish: linked }), actor)
      if (type === 'prospect') applyLists(row, store, writesOf(actor))
      relist(row)
      return row
    },
    update: (row, asked, actor) => {
      const wish = rendered(asked)
      const { emails } = wish.attributes
      const isResent = emails !== undefined && isDeepStrictEqual(emails, row.attributes['emails'])
      if (isResent && rules.refusesResentEmails) throw makeResentEmailsError()
      const owner = row.type === 'prospect' ? row.id : row.links['prospect']?.id
      mustHaveFreeEmails(row.type, wish, owner)
      const saving = { before: row, at: at(), actor, newId: deps.newId }
      const { after, announce } = amend(
        row,
        toWishWithConsequences(row.type, { ...saving, wish }),
        actor,
      )
      if (row.type === 'prospect') applyLists(after, store, writesOf(actor))
      announce()
      relist(after)
      return after
    },
    remove: (row) => {
      removeDependants(row, { store, resources, drop })
      drop(row)
      relist(row)
    },
    touch: (row) => {
      const after = { ...row, attributes: { ...row.attributes, touchedAt: at() } }
      store.put(after)
      emit({ type: row.type, id: row.id, action: 'updated', before: row, after })
    },
    announce: ({ type, id }, action) => emit({ type, id, action }),
  }
}

const owned: ReadonlySet<string> = new Set([
  'emailAddress',
  'phoneNumber',
  'opportunityProspectRole',
  'sequenceState',
  'accountNote',
  'prospectNote',
])

/** What belongs to the record goes with it; what merely points at it forgets it without an event. */
function removeDependants(
  row: Row,
  { store, resources, drop }: Pick<Deps, 'store' | 'resources'> & { drop: (row: Row) => void },
): void {
  const ways = resources.all.flatMap(({ type, relationships }) =>
    [...relationships.values()]
      .filter(({ types }) => types.includes(row.type))
      .map(({ name }) => ({ type, name })),
  )
  for (const { type, name } of ways) {
    const pointing = store.linking(type, name, row.id)
    for (const from of pointing.filter(({ links }) => links[name]?.type === row.type)) {
      if (owned.has(type)) drop(from)
      else store.put({ ...from, links: { ...from.links, [name]: null } })
    }
  }
}

function toChanges<Value>(
  before: Readonly<Record<string, Value>>,
  wished: Readonly<Record<string, Value>>,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(
    Object.entries(wished).filter(
      ([name, value]) => !isDeepStrictEqual(value ?? null, before[name] ?? null),
    ),
  )
}

import { withoutTimes } from './activity-columns.ts'
import type { Catalogue } from './catalogue.ts'
import { applyEffects } from './effects.ts'
import type { EffectContext } from './effects.ts'
import type { RowRequest } from './parse-rows.ts'
import { renderRow } from './render-row.ts'
import type { Rendered } from './render-row.ts'
import type { Resource } from './resources.ts'
import type { Lookup, Row, Stored, Values } from './row.ts'
import { isBlank, isSame } from './row.ts'
import type { Formats } from './wire-values.ts'
import { writeColumns } from './write-columns.ts'
import type { Errors } from './write-columns.ts'

export type RowResult =
  | { readonly kind: 'written'; readonly affected: Rendered; readonly isChanged: boolean }
  | { readonly kind: 'stale' | 'unseen' }
  | { readonly kind: 'invalid'; readonly errors: Errors }

export type WriteContext = EffectContext & {
  readonly resource: Resource
  readonly catalogue: Catalogue
  readonly lookup: Lookup
  readonly formats: Formats
  readonly isStrict: boolean
  /** Whether the request's own filter selects the row, and the user may see it. */
  readonly isInReach: (row: Row) => boolean
}

const render = (row: Row, context: WriteContext): Rendered =>
  renderRow(
    row,
    [...context.catalogue.columns(context.resource.controller).values()].filter(
      ({ isListed }) => isListed,
    ),
    context,
  )

const validate = (request: RowRequest, before: Row | undefined, context: WriteContext) =>
  writeColumns({
    columns: context.catalogue.columns(context.resource.controller),
    controller: context.resource.controller,
    texts: request.columns,
    before,
    tx: context.tx,
    isStrict: context.isStrict,
    behaviour: context.behaviour,
  })

/** The queue of whoever writes is unknown to the sandbox: one queue for all, by name. */
const defaultQueue = (context: WriteContext): Values => {
  const { queues } = context.resource
  if (queues === undefined) return {}
  const queue = context.tx
    .rows(queues)
    .find((row) => row.values['name'] === context.behaviour.defaultQueue)
  return queue ? { assigned_to: queue.id, queued_at: context.now } : {}
}

const initialValues = (context: WriteContext): Values =>
  Object.fromEntries(
    [...context.catalogue.columns(context.resource.controller).values()]
      .filter(({ initial }) => initial !== null && initial !== false)
      .map(({ name, initial }) => [name, initial]),
  )

/** A person's name is put together where only its parts came; whether the real server does so is unknown (workbooks-api 7.2). */
const withName = (request: RowRequest, resource: Resource): RowRequest => {
  if (resource.controller !== 'crm/people' || !isBlank(request.columns.get('name'))) return request
  const name = ['person_first_name', 'person_last_name']
    .map((part) => request.columns.get(part) ?? '')
    .filter((part) => part !== '')
    .join(' ')
  return name === ''
    ? request
    : { ...request, columns: new Map([...request.columns, ['name', name]]) }
}

const store = (row: Row, before: Row | undefined, context: WriteContext): Row => {
  const { controller } = context.resource
  context.tx.put(controller, row)
  applyEffects({ controller, row, before }, context)
  return context.tx.row(controller, row.id) ?? row
}

const createRow = (asked: RowRequest, context: WriteContext): RowResult => {
  const { resource, tx, author, now } = context
  const { values, errors } = validate(withName(asked, resource), undefined, context)
  if (Object.keys(errors).length > 0) return { kind: 'invalid', errors }
  const row: Row = {
    id: tx.nextId(resource.sequence),
    lockVersion: resource.firstLockVersion,
    ref: tx.nextRef(resource.controller),
    createdAt: now,
    createdBy: author.userId,
    createdThrough: author.application,
    updatedAt: now,
    updatedBy: author.userId,
    isDeleted: false,
    values: { ...initialValues(context), ...defaultQueue(context), ...values },
  }
  const stored = store(withoutTimes(row), undefined, context)
  return { kind: 'written', affected: render(stored, context), isChanged: true }
}

/** A box that was never ticked is as unticked as one that was cleared. */
const unticked = (value: Stored | undefined): Stored => (value === false ? null : (value ?? null))

const isUnchanged = (before: Row, after: Row): boolean =>
  [...new Set([...Object.keys(before.values), ...Object.keys(after.values)])].every((name) =>
    isSame(unticked(before.values[name]), unticked(after.values[name])),
  )

const updateRow = (request: RowRequest, before: Row, context: WriteContext): RowResult => {
  const { values, errors } = validate(request, before, context)
  if (Object.keys(errors).length > 0) return { kind: 'invalid', errors }
  const isMoved = !isSame(values['assigned_to'], before.values['assigned_to'])
  const after = withoutTimes({
    ...before,
    values: isMoved ? { ...values, queued_at: context.now } : values,
  })
  // Nothing moves where nothing changes (workbooks-api 5.3): neither version nor time.
  if (isUnchanged(before, after)) {
    const affected = { id: before.id, lock_version: before.lockVersion }
    return { kind: 'written', affected, isChanged: false }
  }
  const shown = render(before, context)
  const stored = store(
    {
      ...after,
      lockVersion: before.lockVersion + 1,
      updatedAt: context.now,
      updatedBy: context.author.userId,
    },
    before,
    context,
  )
  const always = ['id', 'lock_version', 'updated_at']
  const affected = Object.entries(render(stored, context)).filter(
    ([name, value]) =>
      always.includes(name) || JSON.stringify(value) !== JSON.stringify(shown[name]),
  )
  return { kind: 'written', affected: Object.fromEntries(affected), isChanged: true }
}

const deleteRow = (request: RowRequest, before: Row, context: WriteContext): RowResult => {
  const bump = context.behaviour.deleteBumpsLockVersion ? 1 : 0
  store(
    {
      ...before,
      isDeleted: true,
      lockVersion: before.lockVersion + bump,
      updatedAt: context.now,
      updatedBy: context.author.userId,
    },
    before,
    context,
  )
  const affected = { id: request.id, lock_version: request.lockVersion }
  return { kind: 'written', affected, isChanged: true }
}

/** One row of a write, inside the transaction that is open. */
export const writeRow = (request: RowRequest, context: WriteContext): RowResult => {
  if (request.method === 'POST') return createRow(request, context)
  const before = context.tx.row(context.resource.controller, request.id)
  if (!before || !context.isInReach(before)) return { kind: 'unseen' }
  if (before.lockVersion !== request.lockVersion) return { kind: 'stale' }
  return request.method === 'PUT'
    ? updateRow(request, before, context)
    : deleteRow(request, before, context)
}

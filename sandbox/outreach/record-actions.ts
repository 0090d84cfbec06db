import { makeValidationError, toApiError } from './api-error.ts'
import type { RecordStore, Row } from './record-store.ts'
import type { Actor } from './record-consequences.ts'
import type { RecordWriter } from './record-writer.ts'
import type { Operation } from './resources.ts'
import { toWireTime } from './wire-time.ts'
import type { Wish } from './write-validation.ts'

type Deps = {
  readonly store: RecordStore
  readonly writer: RecordWriter
  readonly now: () => number
}

type Act = {
  readonly row: Row
  readonly params: ReadonlyMap<string, string>
  readonly actor: Actor
}

type Action = (act: Act, deps: Deps) => Row

/** Carries out `POST /{plural}/{id}/actions/{name}`; the record after it. */
export function applyAction(name: string, act: Act, deps: Deps): Row {
  const action = actions[`${act.row.type}.${name}`]
  if (action === undefined) throw refuse(`The sandbox does not simulate the action '${name}'.`)
  return action(act, deps)
}

/** Unknown parameters are a 400, missing required ones a 422 (outreach-api 3.1, 7.6). */
export function mustHaveParams(operation: Operation, params: ReadonlyMap<string, string>): void {
  const known = new Set(operation.params.map((param) => param.replace('!', '')))
  for (const name of params.keys()) {
    if (!known.has(name)) {
      throw toApiError(400, {
        id: 'badRequest',
        title: 'Bad Request',
        detail: `'${name}' is not a known action parameter.`,
        source: { parameter: `actionParams[${name}]` },
      })
    }
  }
  for (const param of operation.params.filter((text) => text.endsWith('!'))) {
    const name = param.slice(0, -1)
    if ((params.get(name) ?? '') === '') throw refuse(`${name} can't be blank.`)
  }
}

const change =
  (toWish: (act: Act, deps: Deps) => Partial<Wish>): Action =>
  (act, deps) =>
    deps.writer.update(act.row, { attributes: {}, links: {}, ...toWish(act, deps) }, act.actor)

const complete: Action = ({ row, params, actor }, deps) => {
  if (row.attributes['state'] === 'complete') throw refuse('The task is already complete.')
  const at = toWireTime(deps.now())
  // The bare action event comes before its `updated` twin (outreach-api 1.8).
  deps.writer.announce(row, 'completed')
  const completer = actor.userId === null ? null : { type: 'user', id: actor.userId }
  const after = deps.writer.update(
    row,
    { attributes: { state: 'complete', stateChangedAt: at }, links: { completer } },
    actor,
  )
  const link = row.links['prospect']
  const prospect = link ? deps.store.find('prospect', link.id) : undefined
  if (prospect === undefined) return after
  const message = params.get('completionNote')
  if (message !== undefined) {
    const links = { prospect: { type: 'prospect', id: prospect.id } }
    deps.writer.create('prospectNote', { attributes: { message }, links }, actor)
  }
  deps.writer.touch(prospect)
  return after
}

const toState = (state: string, announces?: string): Action => {
  return ({ row, actor }, deps) => {
    if (row.attributes['state'] === state) throw refuse(`It is ${state} already.`)
    if (announces !== undefined) deps.writer.announce(row, announces)
    const attributes = { state, stateChangedAt: toWireTime(deps.now()) }
    return deps.writer.update(row, { attributes, links: {} }, actor)
  }
}

const actions: Readonly<Record<string, Action>> = {
  'task.markComplete': complete,
  'task.logMeetInPerson': (act, deps) => {
    if (act.row.attributes['action'] !== 'in_person') throw refuse('It is no in-person task.')
    return complete(act, deps)
  },
  'task.advance': () => {
    throw refuse('Only tasks of a sequence step can be advanced.')
  },
  'task.deliver': ({ row }) => {
    if (row.links['mailing'] === null || row.links['mailing'] === undefined) {
      throw refuse('The task has no mailing.')
    }
    return row
  },
  'task.reassignOwner': change(({ params }) => ({
    links: { owner: { type: 'user', id: Number(params.get('ownerId')) } },
  })),
  'task.reschedule': change(({ params }) => ({
    attributes: { dueAt: toDue(params.get('dueAt') ?? '') },
  })),
  'task.snooze': change(({ row, params }, { now }) => {
    const asked = params.get('dueAt')
    if (asked !== undefined) return { attributes: { dueAt: toDue(asked) } }
    // One day after the later of now and the present due time (outreach-api 7.6).
    const due = row.attributes['dueAt']
    const laterMs = Math.max(now(), typeof due === 'string' ? Date.parse(due) : 0)
    return { attributes: { dueAt: toWireTime(laterMs + 86_400_000) } }
  }),
  'task.updateNote': change(({ params }) => ({ attributes: { note: params.get('note') ?? null } })),
  'task.updateOpportunityAssociation': change(({ params }) => ({
    attributes: { opportunityAssociation: params.get('opportunityAssociation') ?? null },
  })),
  'sequence.activate': change((_, { now }) => ({
    attributes: { enabledAt: toWireTime(now()) },
  })),
  'sequence.deactivate': change(() => ({ attributes: { enabledAt: null } })),
  'sequenceState.finish': toState('finished', 'finished'),
  'sequenceState.pause': toState('paused'),
  'sequenceState.resume': toState('active'),
}

function toDue(text: string): string {
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) throw refuse('dueAt is not a valid date.')
  return toWireTime(ms)
}

function refuse(detail: string): Error {
  return makeValidationError(detail, '/data')
}

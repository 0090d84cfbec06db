import { html, json } from './answer.ts'
import type { Answer } from './answer.ts'
import { listRecords, showRecord } from './list-records.ts'
import type { ListDeps } from './list-records.ts'
import { listTypes } from './metadata.ts'
import type { Parameters } from './parameters.ts'
import { toParameters } from './parameters.ts'
import type { Preferences } from './preferences.ts'
import type { Author } from './row.ts'
import { formatsFor, lookupIn, writeDepsFor } from './world.ts'
import type { World } from './world.ts'
import { writeRecords } from './write-records.ts'
import type { WriteOutcome } from './write-records.ts'

export type ApiRequest = {
  /** Without the leading slash and the extension: `crm/organisations`, `crm/people/12`. */
  readonly path: string
  readonly method: string
  readonly parameters: Parameters
  readonly preferences: Preferences
  readonly author: Author
}

const only = (answer: Answer): WriteOutcome => ({ answer, rows: 0, changed: 0 })

const listDeps = (world: World, controller: string, request: ApiRequest): ListDeps => ({
  row: (id) =>
    world.database.isHidden(controller, id) ? undefined : world.database.row(controller, id),
  idsWith: (index, key) => world.database.idsWith(controller, index, key),
  columns: world.catalogue.columns(controller),
  rows: () =>
    world.database.rows(controller).filter(({ id }) => !world.database.isHidden(controller, id)),
  lookup: lookupIn(world)(world.database),
  formats: formatsFor(world, request.preferences),
  timeZone: request.preferences.timeZone ?? world.behaviour.timeZone,
  foldAccents: world.behaviour.foldAccents,
  unknownFilters: world.behaviour.unknownFilters,
  ignoredFilters: world.behaviour.ignoredFilters,
  strictSelects: world.behaviour.strictSelects,
  now: Math.floor(world.now() / 1000),
})

const answerCollection = (world: World, request: ApiRequest): WriteOutcome => {
  if (request.method === 'GET')
    return only(listRecords(request.parameters, listDeps(world, request.path, request)))
  const deps = writeDepsFor(world, request.path, request)
  return request.method === 'PUT' && deps
    ? writeRecords(request.parameters, deps)
    : only(html(405, 'Method not allowed'))
}

const answerRecord = (world: World, request: ApiRequest): Answer | undefined => {
  const [, controller, id] = /^(.+)\/(\d+)$/.exec(request.path) ?? []
  if (controller === undefined || !world.catalogue.resource(controller)) return undefined
  if (request.method !== 'GET') return html(405, 'Method not allowed')
  const deps = listDeps(world, controller, request)
  const row = deps.row(Number(id))
  return row && !row.isDeleted ? showRecord(row, deps) : html(404, 'Not found')
}

/** `picklist_data/Private_PicklistEntry/id/value`: the entries of one picklist (workbooks-api 3.5). */
const answerPicklist = (world: World, request: ApiRequest): Answer | undefined => {
  if (!request.path.startsWith('picklist_data/Private_PicklistEntry/')) return undefined
  const wanted = Number(request.parameters.first('picklist_id'))
  const data = world.database
    .rows('admin/picklist_entries')
    .filter((row) => !row.isDeleted && row.values['picklist_id'] === wanted)
    .map((row) => ({ id: row.id, value: row.values['value'] }))
  return json({ success: true, data, total: data.length })
}

const answerMetadata = (world: World, request: ApiRequest): Answer | undefined => {
  if (request.path === 'metadata/types') return listTypes(request.parameters, world.catalogue)
  const controller = /^(.+)\/metadata$/.exec(request.path)?.[1]
  const resource = controller === undefined ? undefined : world.catalogue.resource(controller)
  return (
    resource && listTypes(toParameters([['class_names[]', resource.className]]), world.catalogue)
  )
}

/** The answer of the database to a caller who has been admitted. */
export const answerApi = (world: World, request: ApiRequest): WriteOutcome => {
  if (world.catalogue.resource(request.path)) return answerCollection(world, request)
  const answer =
    answerMetadata(world, request) ??
    answerPicklist(world, request) ??
    answerRecord(world, request) ??
    html(404, 'Not found')
  return only(answer)
}

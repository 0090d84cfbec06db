import type { Field } from '../fields/field.ts'
import { isBlank } from '../fields/value.ts'
import { makeCarrierOf } from '../merge/carriers.ts'
import type { Carrier, Values } from '../merge/merge-fields.ts'
import type { PairMemory } from '../merge/memory.ts'
import { prepareParents } from '../relations/prepare-parents.ts'
import type { SyncDeps, Work } from './work.ts'

export type CarrierDeps = Pick<SyncDeps, 'owners' | 'stages' | 'parties' | 'pairs'>

type Named = {
  readonly w: Values
  readonly o: Values
  /** What was agreed before: a parent that is gone must still be told from one that is linked. */
  readonly agreed?: PairMemory['agreed']
}

/** Looks up what these values name, owners, stages and parents, so that every field can be carried over at once. */
export async function prepareCarriers(
  deps: CarrierDeps,
  work: Work,
  named: Named,
): Promise<(field: Field) => Carrier> {
  const { kind } = work
  await Promise.all([prepareOwners(deps, work, named), prepareStages(deps, work, named)])
  const before = Object.entries(named.agreed ?? {}).map(([field, { o }]) => [field, o] as const)
  const parentOf = await prepareParents(deps, {
    fields: kind.fields,
    w: [named.w],
    o: [named.o, Object.fromEntries(before)],
    call: work.call,
  })
  const owner = deps.owners.carrierFor(kind.workbooks.queues)
  return makeCarrierOf({ owner, stage: deps.stages.carrier, parentOf })
}

async function prepareOwners(
  { owners }: CarrierDeps,
  { kind, call }: Work,
  values: Named,
): Promise<void> {
  const field = kind.fields.find(({ form }) => form === 'owner')
  if (field === undefined) return
  const [assignedTo, owner] = [values.w[field.workbooks] ?? null, values.o[field.workbooks] ?? null]
  // Two blanks name nobody.
  if (isBlank(assignedTo) && isBlank(owner)) return
  await owners.prepare({ queues: kind.workbooks.queues, assignedTo, owner }, call)
}

async function prepareStages(
  { stages }: CarrierDeps,
  { kind }: Work,
  values: Named,
): Promise<void> {
  const field = kind.fields.find(({ form }) => form === 'stage')
  if (field === undefined) return
  const [w, o] = [values.w[field.workbooks] ?? null, values.o[field.workbooks] ?? null]
  // Two blanks name nothing.
  if (!isBlank(w) || !isBlank(o)) await stages.prepare({ w, o })
}

import type { Call } from '../../../clients/call.ts'
import type { System } from '../../../schemas/record-ref.ts'
import type { Pairs } from '../../../state/pairs.ts'
import type { Field } from '../fields/field.ts'
import type { Translation } from '../fields/form.ts'
import { isBlank, type Value } from '../fields/value.ts'
import type { Carrier, Values } from '../merge/merge-fields.ts'
import type { Parties } from './parties.ts'

/** Both sides of one field: partners by id. */
type Links = {
  readonly toOutreach: ReadonlyMap<string, string>
  readonly toWorkbooks: ReadonlyMap<string, string>
  /** Ids of Workbooks that are of no record of the kind that the field is about. */
  readonly others: ReadonlySet<string>
}

const none: Links = { toOutreach: new Map(), toWorkbooks: new Map(), others: new Set() }

type Deps = { readonly pairs: Pick<Pairs, 'byRecords'>; readonly parties: Parties }

type Asked = {
  readonly fields: readonly Field[]
  readonly w: readonly Values[]
  readonly o: readonly Values[]
  readonly call: Call
}

/**
 * Looks up the partners of all parents that these values name, so that the carriers can answer at once.
 * Only a linked parent has a word on the other side (rulebook 7).
 */
export async function prepareParents(deps: Deps, asked: Asked): Promise<(field: Field) => Carrier> {
  const { fields, w, o, call } = asked
  const links = new Map<string, Links>()
  for (const field of fields) {
    const { parent, workbooks } = field
    if (field.form !== 'parent' || parent === undefined) continue
    const { kind, isParty = false } = parent
    const ids = idsIn(w, workbooks)
    const [byWorkbooks, byOutreach] = await Promise.all([
      linked(deps, { kind, side: 'workbooks', ids }),
      linked(deps, { kind, side: 'outreach', ids: idsIn(o, workbooks) }),
    ])
    const all = [...byWorkbooks, ...byOutreach]
    const toOutreach = new Map(all.map((pair) => [pair.workbooksId, pair.outreachId]))
    const open = isParty ? ids.filter((id) => !toOutreach.has(id)) : []
    links.set(workbooks, {
      toOutreach,
      toWorkbooks: new Map(all.map((pair) => [pair.outreachId, pair.workbooksId])),
      others: await deps.parties.othersThan(kind, open, call),
    })
  }
  return (field) => carrierOf(links.get(field.workbooks) ?? none, field)
}

type Wanted = { readonly kind: string; readonly side: System; readonly ids: readonly string[] }

async function linked({ pairs }: Deps, { kind, side, ids }: Wanted) {
  const found = ids.length === 0 ? [] : await pairs.byRecords(kind, side, ids)
  return found.filter(({ status }) => status === 'linked')
}

function idsIn(named: readonly Values[], field: string): readonly string[] {
  const ids = named.map((values) => values[field])
  return [...new Set(ids.filter((id) => typeof id === 'string'))]
}

function carrierOf({ toOutreach, toWorkbooks, others }: Links, { parent }: Field): Carrier {
  const why = `Workbooks shows no ${parent?.kind ?? 'record'} of this id`
  return {
    meansSame: (w, o) =>
      isBlank(w) || isBlank(o) ? isBlank(w) === isBlank(o) : toOutreach.get(String(w)) === o,
    // Not waited for: what is no such record never gets a partner of this kind.
    asOutreach: (w) => (others.has(String(w)) ? { kind: 'cannot', why } : say(toOutreach, w)),
    asWorkbooks: (o) => say(toWorkbooks, o),
  }
}

function say(partners: ReadonlyMap<string, string>, id: Value): Translation {
  if (isBlank(id)) return { kind: 'value', value: null }
  const partner = partners.get(String(id))
  return partner === undefined ? { kind: 'not-yet' } : { kind: 'value', value: partner }
}

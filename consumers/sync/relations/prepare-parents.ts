import type { System } from '../../../schemas/record-ref.ts'
import type { Pairs } from '../../../state/pairs.ts'
import type { Field } from '../fields/field.ts'
import type { Translation } from '../fields/form.ts'
import { isBlank, type Value } from '../fields/value.ts'
import type { Carrier, Values } from '../merge/merge-fields.ts'

/** Both sides of one field: partners by id. */
type Links = {
  readonly toOutreach: ReadonlyMap<string, string>
  readonly toWorkbooks: ReadonlyMap<string, string>
}

const none: Links = { toOutreach: new Map(), toWorkbooks: new Map() }

/**
 * Looks up the partners of all parents that these values name, so that the carriers can answer at once.
 * Only a linked parent has a word on the other side (rulebook 7).
 */
export async function prepareParents(
  { pairs }: { readonly pairs: Pick<Pairs, 'byRecords'> },
  fields: readonly Field[],
  named: { readonly w: readonly Values[]; readonly o: readonly Values[] },
): Promise<(field: Field) => Carrier> {
  const links = new Map<string, Links>()
  for (const field of fields) {
    const { parent, workbooks } = field
    if (field.form !== 'parent' || parent === undefined) continue
    const [byWorkbooks, byOutreach] = await Promise.all([
      linked(pairs, { kind: parent.kind, side: 'workbooks', ids: idsIn(named.w, workbooks) }),
      linked(pairs, { kind: parent.kind, side: 'outreach', ids: idsIn(named.o, workbooks) }),
    ])
    const all = [...byWorkbooks, ...byOutreach]
    links.set(workbooks, {
      toOutreach: new Map(all.map((pair) => [pair.workbooksId, pair.outreachId])),
      toWorkbooks: new Map(all.map((pair) => [pair.outreachId, pair.workbooksId])),
    })
  }
  return (field) => carrierOf(links.get(field.workbooks) ?? none)
}

type Wanted = { readonly kind: string; readonly side: System; readonly ids: readonly string[] }

async function linked(pairs: Pick<Pairs, 'byRecords'>, { kind, side, ids }: Wanted) {
  const found = ids.length === 0 ? [] : await pairs.byRecords(kind, side, ids)
  return found.filter(({ status }) => status === 'linked')
}

function idsIn(named: readonly Values[], field: string): readonly string[] {
  const ids = named.map((values) => values[field])
  return [...new Set(ids.filter((id) => typeof id === 'string'))]
}

function carrierOf({ toOutreach, toWorkbooks }: Links): Carrier {
  return {
    meansSame: (w, o) =>
      isBlank(w) || isBlank(o) ? isBlank(w) === isBlank(o) : toOutreach.get(String(w)) === o,
    asOutreach: (w) => say(toOutreach, w),
    asWorkbooks: (o) => say(toWorkbooks, o),
  }
}

function say(partners: ReadonlyMap<string, string>, id: Value): Translation {
  if (isBlank(id)) return { kind: 'value', value: null }
  const partner = partners.get(String(id))
  return partner === undefined ? { kind: 'not-yet' } : { kind: 'value', value: partner }
}

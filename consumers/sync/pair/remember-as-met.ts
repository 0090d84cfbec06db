import type { OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import type { WorkbooksRecord } from '../../../clients/workbooks/workbooks-client.ts'
import { toOutreachValues, toSeconds, toWorkbooksValues } from '../fields/record-values.ts'
import { mayStandApart, type Agreed } from '../merge/decide-field.ts'
import type { PairMemory } from '../merge/memory.ts'
import { toNamedValues } from './merge-pair.ts'
import { prepareCarriers } from './prepare-carriers.ts'
import type { SyncDeps, Work } from './work.ts'

type Met = {
  readonly w: WorkbooksRecord
  readonly o: OutreachRecord
  readonly standsUnlessNamed?: boolean
  readonly namedFirst?: boolean
}

/**
 * How an old pair, or one that a person linked, stood when an event of Outreach met it: kept with the
 * pair itself, so that a second try, or a later hint, decides as the first would have (rulebook 3).
 */
export async function rememberAsMet(
  deps: SyncDeps,
  work: Work,
  { w, o, standsUnlessNamed = false, namedFirst = false }: Met,
): Promise<PairMemory> {
  const { kind } = work
  const named = toNamedValues(work)
  const start = { agreed: {}, lockVersion: w.lockVersion }
  if (!standsUnlessNamed && !namedFirst) return start
  const values = { w: toWorkbooksValues(kind.fields, w), o: toOutreachValues(kind.fields, o) }
  const carrierOf = await prepareCarriers(deps, work, values)
  const apart = kind.fields.flatMap((field): [string, Agreed][] => {
    const [ours, theirs] = [values.w[field.workbooks] ?? null, values.o[field.workbooks] ?? null]
    const { meansSame, asOutreach, asWorkbooks } = carrierOf(field)
    if (meansSame(ours, theirs) || field.form === 'opt-out') return []
    const said = { asOutreach: asOutreach(ours), asWorkbooks: asWorkbooks(theirs) }
    if (!mayStandApart({ w: ours, o: theirs, ...said })) return []
    const isKept = standsUnlessNamed || field.workbooks in named
    return isKept ? [[field.workbooks, { w: ours, o: theirs, apart: true }]] : []
  })
  const metAt = toSeconds(w.columns['updated_at'])
  return { ...start, metAt, agreed: Object.fromEntries(apart) }
}

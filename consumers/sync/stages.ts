import type { OutreachClient } from '../../clients/outreach/outreach-client.ts'
import type { WorkbooksClient } from '../../clients/workbooks/workbooks-client.ts'
import type { System } from '../../schemas/record-ref.ts'
import { toText } from './fields/record-values.ts'
import type { Translation } from './fields/form.ts'
import { isBlank, toMatchKey, type Value } from './fields/value.ts'
import type { LeftAlone } from './left-alone.ts'
import { makeDirectory } from './make-directory.ts'
import type { Carrier } from './merge/merge-fields.ts'

type Deps = {
  readonly outreach: Pick<OutreachClient, 'search' | 'isOAuth'>
  readonly workbooks: Pick<WorkbooksClient, 'search'>
  /** `opportunityStages` of the configuration: Workbooks name -> Outreach name. */
  readonly table: Readonly<Record<string, string>>
  readonly leftAlone: LeftAlone
  readonly now: () => number
}

/** Which stage is which on the other side: by the table, else by equal name, case aside (mapping.md 2). */
export type Stages = {
  /** Looks up the stages that a record names on either side, so that `carrier` can answer at once. */
  readonly prepare: (named: { readonly w: Value; readonly o: Value }) => Promise<void>
  readonly carrier: Carrier
  /** A system does not take a stage that it was thought to have: it is left alone for a while. */
  readonly wasRefused: (system: System, stage: string) => void
}

type Stage = { readonly id: string; readonly name: string }

// By analogy with the other controllers; no public source names it (workbooks-api 6).
const workbooksStages = 'crm/opportunity_stages'

const refusedMs = 15 * 60_000

export function makeStages({ outreach, workbooks, table, leftAlone, now }: Deps): Stages {
  const targets = new Map(Object.entries(table).map(([name, stage]) => [toMatchKey(name), stage]))
  const refused = new Map<string, number>()
  const about = { kind: 'opportunity', what: 'stages' } as const
  const ofOutreach = makeDirectory<Stage>(now, {
    load: async (call) => {
      const records = await outreach.search('opportunityStage', { size: 100 }, call)
      await leftAlone.isOver(about)
      return records.map(({ id, attributes }) => ({ id, name: toText(attributes['name']) ?? '' }))
    },
    onUnknown: ({ mend: why }) => leftAlone.say({ ...about, why }),
  })
  const ofWorkbooks = makeDirectory<string>(now, {
    load: async (call) => {
      const query = { columns: ['id', 'name'], filters: [] }
      const records = await workbooks.search(workbooksStages, query, call)
      return records.flatMap(({ columns }) => toText(columns['name']) ?? [])
    },
    // It is a guess: without it, the table says which names there are.
    onUnknown: () => undefined,
  })

  const targetOf = (name: string) => targets.get(toMatchKey(name)) ?? name
  const nameOf = (id: string) => ofOutreach.known()?.find((stage) => stage.id === id)?.name
  const isRefused = (system: System, stage: string) =>
    (refused.get(`${system} ${stage}`) ?? Number.NEGATIVE_INFINITY) > now() - refusedMs

  const asOutreach = (w: Value): Translation => {
    const known = ofOutreach.known()
    if (known === undefined) return unreadable
    if (isBlank(w)) return { kind: 'value', value: null }
    const wanted = targetOf(String(w))
    const found = known.find(({ name }) => isSameName(name, wanted))
    if (found === undefined) {
      return cannot(`Outreach has no stage "${wanted}"; opportunityStages may name another`)
    }
    return isRefused('outreach', found.id)
      ? cannot(`Outreach does not take its stage "${found.name}"`)
      : { kind: 'value', value: found.id }
  }

  const asWorkbooks = (o: Value): Translation => {
    if (ofOutreach.known() === undefined) return unreadable
    if (isBlank(o)) return { kind: 'value', value: null }
    const wanted = nameOf(String(o))
    if (wanted === undefined) return cannot(`Outreach lists no stage ${String(o)}`)
    const known = ofWorkbooks.known()
    const mapped = Object.keys(table)
      .map((name) => (known === undefined ? name : known.find((one) => isSameName(one, name))))
      .filter((name) => name !== undefined)
    // Of several names for one stage the first of the table stands for it.
    const found = [...mapped, ...(known ?? [])].find(
      (name) => isSameName(targetOf(name), wanted) && !isRefused('workbooks', name),
    )
    return found === undefined
      ? cannot(`Workbooks has no stage for "${wanted}"; opportunityStages may name one`)
      : { kind: 'value', value: found }
  }

  return {
    async prepare({ w, o }) {
      if (!outreach.isOAuth) {
        const why = 'Outreach shows its opportunity stages to OAuth credentials only'
        return leftAlone.say({ ...about, why })
      }
      const isMissed = asOutreach(w).kind === 'cannot' || asWorkbooks(o).kind === 'cannot'
      await Promise.all([ofOutreach.refresh(isMissed), ofWorkbooks.refresh(isMissed)])
    },
    carrier: {
      asOutreach,
      asWorkbooks,
      // Several names of Workbooks may lead to one stage: none of them is a change.
      meansSame: (w, o) => {
        if (isBlank(w) || isBlank(o)) return isBlank(w) && isBlank(o)
        const name = nameOf(String(o))
        return name !== undefined && isSameName(name, targetOf(String(w)))
      },
    },
    wasRefused: (system, stage) => {
      refused.set(`${system} ${stage}`, now())
    },
  }
}

const unreadable: Translation = {
  kind: 'cannot',
  why: 'the stages of Outreach cannot be read; ops status says why',
}

function cannot(why: string): Translation {
  return { kind: 'cannot', why }
}

function isSameName(one: string, two: string): boolean {
  return toMatchKey(one) === toMatchKey(two)
}

import assert from 'node:assert/strict'
import type { SimulatedOutreach } from '../../sandbox/outreach/simulated-outreach.ts'
import type { SimulatedWorkbooks } from '../../sandbox/workbooks/simulated-workbooks.ts'
import type { Stir } from './points.ts'

type Side = 'workbooks' | 'outreach'
type Edit = {
  readonly field: string
  readonly value: string
  readonly side: Side
  readonly at: number
}

/** A record that a person made, and what people last said about it. */
export type Known = {
  readonly number: number
  readonly madeIn: Side
  readonly ids: { workbooks?: number; outreach?: number }
  readonly values: Map<string, string>
  readonly edits: Edit[]
  deletedIn?: Side
}

type Deps = {
  readonly outreach: SimulatedOutreach
  readonly workbooks: SimulatedWorkbooks
  /** 0 to 1. */
  readonly random: () => number
}

/** Workbooks column and Outreach attribute of each field; who made the record edits the first ones. */
export const editedFields = [
  { column: 'name', attribute: 'name', by: 'maker' },
  { column: 'website', attribute: 'websiteUrl', by: 'other' },
  { column: 'industry', attribute: 'industry', by: 'maker' },
  { column: 'main_location[town]', attribute: 'locality', by: 'other' },
  { column: 'biography', attribute: 'description', by: 'both' },
] as const

type Field = (typeof editedFields)[number]

/** Times count in whole seconds: edits of both sides are further apart, or the later one could not be told. */
const apartMs = 2_200

/** People at both systems, and a book of what they wrote last. */
export function makePeople({ outreach, workbooks, random }: Deps) {
  const book: Known[] = []
  let edits = 0

  const pick = <Item>(items: readonly Item[]): Item | undefined =>
    items[Math.floor(random() * items.length)]

  /** The ids that the product wrote by now. */
  function look(known: Known): void {
    const { ids } = known
    if (ids.workbooks !== undefined && ids.outreach === undefined) {
      const row = workbooks.person.read('organisations', ids.workbooks)
      const id = Number(row?.['cf_organisation_outreach_id'])
      if (id > 0) ids.outreach = id
    }
    if (ids.outreach !== undefined && ids.workbooks === undefined) {
      const row = workbooks.person
        .list('organisations')
        .find((one) => String(one['cf_organisation_outreach_id']) === String(ids.outreach))
      if (row !== undefined) ids.workbooks = Number(row['id'])
    }
  }

  function create(madeIn: Side): Known {
    const number = book.length + 1
    const name = `Company ${number}`
    const ids: Known['ids'] =
      madeIn === 'workbooks'
        ? { workbooks: createOrganisation(name) }
        : { outreach: outreach.person.create('account', { attributes: { name, named: true } }).id }
    const known: Known = { number, madeIn, ids, values: new Map([['name', name]]), edits: [] }
    book.push(known)
    edits += 1
    return known
  }

  function createOrganisation(name: string): number {
    const columns = { name, cf_organisation_sync_to_outreach: true }
    return Number(workbooks.person.create('organisations', columns)['id'])
  }

  function mayEdit(known: Known, field: Field, side: Side): boolean {
    if (field.by !== 'both') return (known.madeIn === side) === (field.by === 'maker')
    // Both sides edit this one, so nothing else of its record may be edited: its time would move.
    const last = known.edits.at(-1)
    return isContested(known) && (last === undefined || last.side === side || isLongAgo(last.at))
  }

  function edit(known: Known, side: Side): boolean {
    look(known)
    const id = known.ids[side]
    const fields = editedFields.filter((field) => mayEdit(known, field, side))
    const field = isContested(known) ? fields.find(({ by }) => by === 'both') : pick(fields)
    if (id === undefined || field === undefined) return false
    const value = toValue(known, field)
    if (side === 'workbooks')
      workbooks.person.update('organisations', id, { [field.column]: value })
    else outreach.person.update('account', id, { attributes: { [field.attribute]: value } })
    known.values.set(field.column, value)
    known.edits.push({ field: field.column, value, side, at: Date.now() })
    edits += 1
    return true
  }

  const standing = () => book.filter(({ deletedIn }) => deletedIn === undefined)

  function editOne(side: Side): boolean {
    const candidates = standing()
    for (let tries = 0; tries < 20; tries += 1) {
      const known = pick(candidates)
      if (known !== undefined && edit(known, side)) return true
    }
    return false
  }

  /** Only what both systems have in full: an edit that dies with its record was not lost by us. */
  function remove(): boolean {
    const agreed = standing().filter(
      (known) => !isContested(known) && differences(known).length === 0,
    )
    const known = pick(agreed)
    if (known === undefined) return false
    const side = random() < 0.5 ? 'workbooks' : 'outreach'
    const id = known.ids[side] ?? 0
    if (side === 'workbooks') workbooks.person.remove('organisations', id)
    else outreach.person.remove('account', id)
    known.deletedIn = side
    edits += 1
    return true
  }

  /** Outreach fails for one record until it is parked, and then no more. */
  function fail(): boolean {
    const known = pick(
      standing().filter((one) => {
        look(one)
        return one.madeIn === 'workbooks' && one.ids.outreach !== undefined && !isContested(one)
      }),
    )
    if (known === undefined) return false
    const path = `/accounts/${known.ids.outreach ?? 0}$`
    outreach.faults.set({ failNext: [{ method: 'PATCH', path, how: '500', count: 5 }] })
    return edit(known, 'workbooks')
  }

  function differences(known: Known): readonly string[] {
    look(known)
    const { workbooks: w = 0, outreach: o = 0 } = known.ids
    const row = workbooks.person.read('organisations', w)
    const account = outreach.person.read('account', o)
    if (row === undefined || account === undefined)
      return [`company ${known.number}: one side only`]
    return editedFields.flatMap(({ column, attribute }) => {
      const wanted = known.values.get(column) ?? ''
      const seen = [row[column] ?? '', account.attributes[attribute] ?? '']
      const isRight = seen.every((value) => value === wanted)
      return isRight
        ? []
        : [`company ${known.number} ${column}: ${JSON.stringify({ wanted, seen })}`]
    })
  }

  const stirs: Readonly<Record<Stir, () => unknown>> = {
    'create in Workbooks': () => create('workbooks'),
    'create in Outreach': () => create('outreach'),
    'edit in Workbooks': () => editOne('workbooks'),
    'edit in Outreach': () => editOne('outreach'),
    'edit many': () => Array.from({ length: 5 }, () => editOne('workbooks')),
    delete: remove,
    fail,
    nothing: () => undefined,
  }

  return {
    stir: (what: Stir): void => void stirs[what](),
    /** Somebody edits something, now and then somebody makes a new record. */
    edit: (): void => {
      const side = random() < 0.5 ? 'workbooks' : 'outreach'
      if (random() < 0.15 || !editOne(side)) create(side)
    },
    book: (): readonly Known[] => book,
    count: (): number => edits,
    differences,
    isAgreed: (): boolean => standing().every((known) => differences(known).length === 0),
  }
}

export type People = ReturnType<typeof makePeople>

export function isContested({ number }: Known): boolean {
  return number % 8 === 0
}

function isLongAgo(at: number): boolean {
  return Date.now() - at > apartMs
}

function toValue(known: Known, { column }: Field): string {
  const turn = known.edits.length + 1
  assert.ok(turn < 1_000)
  if (column === 'name') return `Company ${known.number} turn ${turn}`
  if (column === 'website') return `https://company-${known.number}.example/${turn}`
  return `${known.number}-${turn}`
}

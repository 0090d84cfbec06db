import type { Systems } from '../kill-nine/systems.ts'

export type Side = 'workbooks' | 'outreach'

/** Where people find the records of each kind that the product keeps in step. */
export const places = {
  organisation: { rows: 'organisations', type: 'account' },
  person: { rows: 'people', type: 'prospect' },
  opportunity: { rows: 'opportunities', type: 'opportunity' },
} as const

export type KindName = keyof typeof places

export const kindNames: readonly KindName[] = ['organisation', 'person', 'opportunity']

/** A record that somebody made in one system, and its partner in the other as soon as there is one. */
export type Known = {
  readonly kind: KindName
  readonly ids: { workbooks?: number; outreach?: number }
  deletedIn?: Side
}

type Columns = Readonly<Record<string, unknown>>

export function rowOf({ workbooks }: Systems, { kind, ids }: Known): Columns | undefined {
  return workbooks.person.read(places[kind].rows, ids.workbooks ?? 0)
}

export function recordOf({ outreach }: Systems, { kind, ids }: Known) {
  return outreach.person.read(places[kind].type, ids.outreach ?? 0)
}

export function isThere(systems: Systems, known: Known, side: Side): boolean {
  if (side === 'outreach') return recordOf(systems, known) !== undefined
  return rowOf(systems, known)?.['is_deleted'] === false
}

/** Every record that somebody made; what the product made is the partner of one of them. */
export function makePopulation(systems: Systems) {
  const all: Known[] = []

  /** The ids that the product wrote by now. */
  function look(known: Known): Known {
    const { kind, ids } = known
    const column = `cf_${kind}_outreach_id`
    if (ids.workbooks !== undefined && ids.outreach === undefined) {
      const id = Number(rowOf(systems, known)?.[column])
      if (id > 0) ids.outreach = id
    }
    if (ids.outreach !== undefined && ids.workbooks === undefined) {
      const rows = systems.workbooks.person.list(places[kind].rows)
      const row = rows.find((one) => String(one[column]) === String(ids.outreach))
      if (row !== undefined) ids.workbooks = Number(row['id'])
    }
    if (known.deletedIn === 'workbooks' && ids.outreach === undefined) {
      const id = findMade(known)
      if (id !== undefined) ids.outreach = id
    }
    return known
  }

  /** What was made of it while somebody deleted it: the id was not written back any more. */
  function findMade({ kind, ids }: Known): number | undefined {
    const reference = `workbooks:${kind}:${ids.workbooks ?? 0}`
    const all = systems.outreach.person.list(places[kind].type)
    return all.find(({ attributes: { customId, externalId } }) =>
      [customId, externalId].includes(reference),
    )?.id
  }

  const standing = (kind: KindName) =>
    all.filter((known) => known.kind === kind && known.deletedIn === undefined)

  return {
    add(kind: KindName, side: Side, id: number): Known {
      const known: Known = { kind, ids: { [side]: id } }
      all.push(known)
      return known
    },
    all: (): readonly Known[] => all.map(look),
    /** Not deleted by anybody. */
    standing,
    /** Of the standing ones, those that this system has. */
    in: (side: Side, kind: KindName) =>
      standing(kind).filter((known) => look(known).ids[side] !== undefined),
    /** Of the standing ones, those that both systems have, and know of each other. */
    linked: (kind: KindName) =>
      standing(kind)
        .map(look)
        .filter(({ ids }) => ids.workbooks !== undefined && ids.outreach !== undefined),
    /** By the id that it has in this system. */
    find(kind: KindName, side: Side, id: number): Known | undefined {
      const ofKind = all.filter((known) => known.kind === kind)
      const isIt = ({ ids }: Known) => ids[side] === id
      return ofKind.find(isIt) ?? ofKind.filter(isOpen).map(look).find(isIt)
    },
  }
}

/** Not seen in one of the systems yet. */
function isOpen({ ids }: Known): boolean {
  return ids.workbooks === undefined || ids.outreach === undefined
}

export type Population = ReturnType<typeof makePopulation>

import { floorAfter, walkAfter, type PageRead, type Progress, type Walk } from './walk.ts'

/** How far the rows of one controller were asked for. */
export type WorkbooksPosition = Progress & {
  /** More changed than one page holds: this far it was read, in the order of time and id. */
  readonly walk?: Walk & { readonly id: string }
  /** More stand without an Outreach Id than one page holds: those up to this id had their turn. */
  readonly standing?: string
}

export const firstId = '0'

type RowPlace = { readonly time: number; readonly id: string }

/** A page of rows, as far as a position cares. */
export type RowPage = {
  /** The last row of a full page; undefined: there are no more. */
  readonly last: RowPlace | undefined
  readonly finalUntil: number
}

/** After the newest rows, and those that stand without an Outreach Id, were read in one page. */
export function afterNewest(position: WorkbooksPosition, page: RowPage): WorkbooksPosition {
  const { standing, ...rest } = position
  const { last, finalUntil } = page
  if (last === undefined && rest.walk === undefined) {
    return { floor: floorAfter(rest, onWay(rest.floor), { upTo: undefined, finalUntil }) }
  }
  const stands = last === undefined ? {} : { standing: standing ?? firstId }
  if (rest.walk !== undefined) return { ...rest, ...stands }
  const isCut = last !== undefined && last.time >= rest.floor
  return isCut
    ? { ...rest, ...stands, walk: { ...onWay(rest.floor), id: firstId } }
    : { floor: floorAfter(rest, onWay(rest.floor), { upTo: undefined, finalUntil }), ...stands }
}

/** After one page of the walk was read. */
export function afterChanged(
  position: WorkbooksPosition & { readonly walk: Walk & { readonly id: string } },
  { last, finalUntil }: RowPage,
): WorkbooksPosition {
  const { walk, ...rest } = position
  const page: PageRead = { upTo: last?.time, finalUntil }
  const floor = floorAfter(position, walk, page)
  const further = walkAfter(walk, page)
  if (last === undefined || further === undefined) return { ...rest, floor }
  return { ...rest, floor, walk: { ...further, id: last.id } }
}

/** After one page of what stands was read; at the end the next turn begins. */
export function afterStanding(position: WorkbooksPosition, { last }: RowPage): WorkbooksPosition {
  return { ...position, standing: last?.id ?? firstId }
}

function onWay(time: number): Walk {
  return { time, isFinal: true }
}

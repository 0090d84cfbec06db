import { editRecord, type World } from './fields.ts'
import { recordOf, rowOf, type Known, type Side } from './known.ts'

/** What people last did about opting out, and whether it can only have been heard so. */
export type OptOut = { readonly isOut: boolean; readonly isSure: boolean }

export function isOptedOut({ systems }: World, side: Side, known: Known): boolean {
  if (side === 'workbooks') return rowOf(systems, known)?.['no_email_soliciting'] === true
  const { optedOut, emailOptedOut } = recordOf(systems, known)?.attributes ?? {}
  return optedOut === true || emailOptedOut === true
}

type Asked = {
  readonly known: Known
  readonly isOut: boolean
  /** Of the two marks of a prospect. */
  readonly mark: 'optedOut' | 'emailOptedOut'
  /** Nothing is under way: what both sides show is what they agreed on. */
  readonly isSettled: boolean
}

/** Somebody opts a person out, or takes it back; undefined where nothing is changed by it. */
export function editOptOut(world: World, side: Side, asked: Asked): OptOut | undefined {
  const { known, isOut, mark, isSettled } = asked
  if (!isWorthSaying(world, side, asked)) return undefined
  const sides = ['outreach', 'workbooks'] as const
  const wasAgreed = isSettled && sides.every((one) => isOptedOut(world, one, known))
  const isFlagged = rowOf(world.systems, known)?.['cf_person_outreach_sync_error'] === true
  editRecord(world.systems, side, {
    known,
    columns: { no_email_soliciting: isOut },
    attributes: { [mark]: isOut },
  })
  return { isOut, isSure: isOut || (wasAgreed && !isFlagged) }
}

function isWorthSaying(world: World, side: Side, { known, isOut, mark }: Asked): boolean {
  if (side === 'workbooks') return isOptedOut(world, side, known) !== isOut
  const {
    optedOut,
    emailOptedOut,
    [mark]: present,
  } = recordOf(world.systems, known)?.attributes ?? {}
  // One mark of two is no word on the other.
  if (!isOut && optedOut === true && emailOptedOut === true) return false
  return (present === true) !== isOut
}

import { toSingleRoles } from './contacts.ts'
import type { Known, Side } from './known.ts'

/** What somebody wrote into a field, and what that side had shown until then. */
export type Edit = {
  readonly known: Known
  /** The mapping's Workbooks name; of a contact, who it is. */
  readonly field: string | Known
  readonly side: Side
  readonly value: string
  readonly saw: string
  /** It names a record that had no partner yet: what becomes of it is decided as of a first link. */
  readonly isLoose: boolean
  /** When. */
  readonly at: string
}

/** All edits of people, in their order. */
export function makeBook() {
  const edits: Edit[] = []
  let most = 0
  return {
    edits: (): readonly Edit[] => edits,
    write(edit: Omit<Edit, 'at'>): void {
      edits.push({ ...edit, at: new Date().toISOString() })
    },
    /** So many writes to either system may follow from what was just done. */
    allow(writes: number): void {
      most += writes
    },
    /** The writes that all of it may cost. */
    most: (): number => most,
  }
}

export type Book = ReturnType<typeof makeBook>

/**
 * The values that nobody saw and wrote over. Each is either what stands at the end, or was lost to
 * another one that somebody wrote at the same time. A value that stood there before is left out: who
 * goes back to it before anybody has looked has changed nothing.
 */
export function findLeaves(edits: readonly Edit[]): readonly Edit[] {
  return edits.filter((edit, at) => {
    const { value } = edit
    const stoodBefore = edits.slice(0, at).some((one) => one.saw === value || one.value === value)
    const isSeen = edits.slice(at + 1).some((one) => one.value === value || isSeenBy(edit, one))
    return !stoodBefore && !isSeen
  })
}

function isSeenBy(edit: Edit, { saw }: Edit): boolean {
  return typeof edit.field === 'string' ? saw === edit.value : isDoneIn(edit, toSingleRoles(saw))
}

/**
 * Of an edit of a contact: whether these roles of the person show it, whatever other roles stand beside it
 * by then. They hold all that it brought, for no two edits bring the same; or, where it brought none,
 * nothing that it took away.
 */
export function isDoneIn({ saw, value }: Edit, roles: readonly string[]): boolean {
  const [before, after] = [toSingleRoles(saw), toSingleRoles(value)]
  const brought = after.filter((role) => !before.includes(role))
  if (brought.length > 0) return brought.every((role) => roles.includes(role))
  return !before.some((role) => !after.includes(role) && roles.includes(role))
}

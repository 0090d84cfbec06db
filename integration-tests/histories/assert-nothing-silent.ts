import assert from 'node:assert/strict'
import type { Conflict, Outcome } from '../../schemas/outcome.ts'
import { namesDeleted } from './assert-converged.ts'
import { findLeaves, type Edit } from './book.ts'
import { rolesOf, toRoles, toSingleRoles } from './contacts.ts'
import { explain, isOf, toPlaceName } from './explain.ts'
import { fields, readText, type World } from './fields.ts'
import type { History } from './make-history.ts'

/**
 * Whatever somebody wrote, and nobody saw and wrote over, stands at the end or is the losing value of
 * an outcome.
 */
export function assertNothingLostSilently(
  { world, book }: Pick<History, 'world' | 'book'>,
  outcomes: readonly Outcome[],
): { readonly lostAndTold: number } {
  const told = outcomes.flatMap(({ kind, pair, conflicts = [] }) =>
    conflicts.map((conflict) => ({ kind, pair, conflict })),
  )
  const leaves = [...byPlace(book.edits()).values()]
    .filter((edits) => edits.every((edit) => isJudged(world, edit)))
    .flatMap(findLeaves)
    .filter((edit) => standingValue(world, edit) !== edit.value)
  const silent = leaves.filter((edit) => {
    const ofPair = told.filter((one) => isOf(edit.known, one))
    return !ofPair.some(({ conflict }) => isToldBy(world, edit, conflict))
  })
  const sentences = silent.map(
    (edit) =>
      `${toPlaceName(edit)}: "${edit.value}" of ${edit.side}, now "${standingValue(world, edit)}"\n` +
      explain({ world, book }, edit, outcomes),
  )
  assert.ok(sentences.length === 0, `lost, and no outcome tells of it\n${sentences.join('\n\n')}`)
  return { lostAndTold: leaves.length }
}

/** The edits of each field of each pair. */
function byPlace(edits: readonly Edit[]): ReadonlyMap<string, readonly Edit[]> {
  const places = new Map<string, Edit[]>()
  for (const edit of edits) {
    const place = toPlaceName(edit)
    places.set(place, [...(places.get(place) ?? []), edit])
  }
  return places
}

/** What goes with a record that somebody deleted, or waited for a partner, is no conflict. */
function isJudged(world: World, { known, field, value, saw, isLoose }: Edit): boolean {
  if (isLoose || known.deletedIn !== undefined) return false
  if (typeof field !== 'string') return field.deletedIn === undefined
  return ![value, saw].some((one) => namesDeleted(world, one))
}

function standingValue(world: World, { known, field }: Edit): string {
  if (typeof field !== 'string') {
    return rolesOf(world.systems, 'workbooks', { opportunity: known, person: field })
  }
  return readText(world, 'workbooks', { known, field: fieldOf(known.kind, field) })
}

function fieldOf(kind: string, name: string) {
  const found = fields.find((one) => one.kind === kind && one.name === name)
  assert.ok(found, `${kind} has no field ${name}`)
  return found
}

function isToldBy(world: World, edit: Edit, { field, loser, losingValue }: Conflict): boolean {
  const { field: edited, known, value } = edit
  if (typeof edited !== 'string') {
    if (field !== 'opportunity_contact_ids') return false
    return namesRolesOf(edit, Array.isArray(losingValue) ? losingValue.map(String) : [])
  }
  if (field !== edited) return false
  return fieldOf(known.kind, edited).toText(world, loser, losingValue) === value
}

/**
 * All roles that the edit itself brought, whatever became of the person's others meanwhile: no two edits
 * bring the same. Where it only took some away, what it left.
 */
function namesRolesOf({ value, saw }: Edit, roles: readonly string[]): boolean {
  const before = toSingleRoles(saw)
  const brought = toSingleRoles(value).filter((role) => !before.includes(role))
  return brought.length === 0
    ? toRoles(roles) === value
    : brought.every((role) => roles.includes(role))
}

import assert from 'node:assert/strict'
import type { Conflict, Outcome } from '../../schemas/outcome.ts'
import { namesDeleted } from './assert-converged.ts'
import { findLeaves, isDoneIn, type Edit } from './book.ts'
import { rolesOf, toSingleRoles } from './contacts.ts'
import { explain, isOf, toPlaceName } from './explain.ts'
import { fields, readText, type World } from './fields.ts'
import { places } from './known.ts'
import type { History } from './make-history.ts'

/**
 * Whatever somebody wrote, and nobody saw and wrote over, stands at the end or is the losing value of
 * an outcome. Not judged is what only a lost webhook could have told of.
 */
export function assertNothingLostSilently(
  { world, book }: Pick<History, 'world' | 'book'>,
  outcomes: readonly Outcome[],
): { readonly lostAndTold: number } {
  const told = outcomes.flatMap(({ kind, pair, reason, conflicts = [] }) =>
    conflicts.map((conflict) => ({ kind, pair, reason, conflict })),
  )
  const leaves = [...byPlace(book.edits()).values()]
    .filter((edits) => edits.every((edit) => isJudged(world, edit)))
    .flatMap(findLeaves)
    .filter((edit) => !stands(world, edit) && !mayBeUntold(world, edit))
  const silent = leaves.filter((edit) => {
    const ofPair = told.filter((one) => isOf(edit.known, one))
    return !ofPair.some((one) => isToldBy(world, edit, one))
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

function stands(world: World, edit: Edit): boolean {
  const value = standingValue(world, edit)
  return typeof edit.field === 'string'
    ? value === edit.value
    : isDoneIn(edit, toSingleRoles(value))
}

/** As long as what was read may be written upon, and a second, for that is how precise their times are. */
const windowMs = 6_000

/** An edit is noted in the book just after its own webhook was due. */
const notedWithinMs = 1_000

/**
 * Outreach has no versions: an edit that meets our write in the moment between reading and writing is seen
 * in the webhooks of both alone (rulebook 8). Where one of them was lost nobody can know of it.
 */
function mayBeUntold({ systems }: World, { known, field, side, at }: Edit): boolean {
  const editedAt = Date.parse(at)
  if (side !== 'outreach') return false
  return systems.outreach.webhooks.dropped().some(({ at: lostAt, type, recordId, links }) => {
    if (lostAt < editedAt - notedWithinMs || lostAt > editedAt + windowMs) return false
    if (typeof field === 'string') {
      return type === places[known.kind].type && recordId === known.ids.outreach
    }
    const isTheirs = links['prospect'] === field.ids.outreach
    return isTheirs && links['opportunity'] === known.ids.outreach
  })
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

type Told = Pick<Outcome, 'reason'> & { readonly conflict: Conflict }

function isToldBy(world: World, edit: Edit, { reason, conflict }: Told): boolean {
  const { field, loser, losingValue } = conflict
  const { field: edited, known, value } = edit
  if (typeof edited !== 'string') {
    if (field !== 'opportunity_contact_ids') return false
    const isTheirs = new RegExp(`person:${edited.ids.workbooks ?? 0}\\b`).test(reason ?? '')
    return isTheirs && isDoneIn(edit, Array.isArray(losingValue) ? losingValue.map(String) : [])
  }
  if (field !== edited) return false
  return fieldOf(known.kind, edited).toText(world, loser, losingValue) === value
}

import type { Systems } from '../kill-nine/systems.ts'
import { editRecord, type World } from './fields.ts'
import { recordOf, rowOf, type Known, type Side } from './known.ts'

/** The roles of a contact, sorted; '' for somebody who is none. */
export type Roles = string

/** One entry of the two arrays of a Workbooks opportunity. */
export type Entry = { readonly id: number; readonly role: string }

export function entriesOf(systems: Systems, opportunity: Known): readonly Entry[] {
  const row = rowOf(systems, opportunity) ?? {}
  const roles = toItems(row['opportunity_contact_roles'])
  const ids = toItems(row['opportunity_contact_ids'])
  return ids.map((id, at) => ({ id: Number(id), role: roles[at] ?? '' }))
}

/** `[12,13]`, or an array. */
function toItems(raw: unknown): readonly string[] {
  if (Array.isArray(raw)) return raw.map(String)
  const inner = typeof raw === 'string' ? raw.trim().replace(/^\[|\]$/g, '') : ''
  return inner === '' ? [] : inner.split(',').map((one) => one.trim())
}

function writeEntries(systems: Systems, known: Known, entries: readonly Entry[]): void {
  const columns = {
    opportunity_contact_ids: entries.map(({ id }) => id),
    opportunity_contact_roles: entries.map(({ role }) => role),
  }
  editRecord(systems, 'workbooks', { known, columns })
}

export type RoleRow = { readonly id: number; readonly prospect: number; readonly role: string }

export function roleRowsOf({ outreach }: Systems, { ids }: Known): readonly RoleRow[] {
  return outreach.person
    .list('opportunityProspectRole')
    .filter(({ links }) => links['opportunity']?.id === ids.outreach)
    .map(({ id, links, attributes: { role } }) => ({
      id,
      prospect: links['prospect']?.id ?? 0,
      role: typeof role === 'string' ? role : '',
    }))
}

/** What this person is to the opportunity, as this side shows it. */
export function rolesOf(
  systems: Systems,
  side: Side,
  at: { opportunity: Known; person: Known },
): Roles {
  const { opportunity, person } = at
  const own =
    side === 'workbooks'
      ? entriesOf(systems, opportunity).filter(({ id }) => id === person.ids.workbooks)
      : roleRowsOf(systems, opportunity).filter(({ prospect }) => prospect === person.ids.outreach)
  return toRoles(own.map(({ role }) => role))
}

export function toRoles(roles: readonly string[]): Roles {
  return [...roles].sort().join(' + ')
}

/** The other way round. */
export function toSingleRoles(roles: Roles): readonly string[] {
  return roles === '' ? [] : roles.split(' + ')
}

export type ContactEdit = {
  readonly opportunity: Known
  readonly person: Known
  readonly what: 'add' | 'change' | 'remove'
  readonly role: string
}

/** What somebody does at the screen of this side; nothing where there is nothing to change or remove. */
export function editContact({ systems }: World, side: Side, edit: ContactEdit): void {
  if (side === 'workbooks') editEntries(systems, edit)
  else editRoleRows(systems, edit)
}

function editEntries(systems: Systems, { opportunity, person, what, role }: ContactEdit): void {
  const entries = entriesOf(systems, opportunity)
  const id = person.ids.workbooks ?? 0
  const at = entries.findIndex((entry) => entry.id === id)
  if (what === 'add') writeEntries(systems, opportunity, [...entries, { id, role }])
  else if (at >= 0) {
    writeEntries(
      systems,
      opportunity,
      what === 'change' ? entries.with(at, { id, role }) : entries.toSpliced(at, 1),
    )
  }
}

function editRoleRows(systems: Systems, { opportunity, person, what, role }: ContactEdit): void {
  const { person: screen } = systems.outreach
  const type = 'opportunityProspectRole'
  const row = roleRowsOf(systems, opportunity).find((one) => one.prospect === person.ids.outreach)
  if (what === 'add') {
    const links = { opportunity: opportunity.ids.outreach, prospect: person.ids.outreach }
    screen.create(type, { attributes: { role }, links })
  } else if (row !== undefined) {
    if (what === 'change') screen.update(type, row.id, { attributes: { role } })
    else screen.remove(type, row.id)
  }
}

/** Everybody whom either side names as a contact of this opportunity. */
export function contactsOf({ systems, population }: World, opportunity: Known): ReadonlySet<Known> {
  const there = roleRowsOf(systems, opportunity).map(({ prospect }) =>
    population.find('person', 'outreach', prospect),
  )
  const here = entriesOf(systems, opportunity).map(({ id }) =>
    population.find('person', 'workbooks', id),
  )
  return new Set([...here, ...there].filter((known) => known !== undefined))
}

export function isOnBothSides(systems: Systems, known: Known): boolean {
  return recordOf(systems, known) !== undefined && rowOf(systems, known)?.['is_deleted'] === false
}

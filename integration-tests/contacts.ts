import assert from 'node:assert/strict'
import { deals, opportunity } from './opportunities.ts'
import type { Systems } from './records.ts'
import type { House } from './start-house.ts'

/** A contact as a test names it: `12 Partner`, or `12` without a role. */
type Contact = string

/** The contacts of a Workbooks opportunity, in their order. */
export function contactsOf(house: House, id: number): readonly Contact[] {
  const columns = opportunity(house, id)
  const [ids, roles] = [columns['opportunity_contact_ids'], columns['opportunity_contact_roles']]
  assert.ok(Array.isArray(ids) && Array.isArray(roles))
  return ids.map((one: number, at) => `${one} ${String(roles[at] ?? '')}`.trim())
}

/** Both columns, as somebody at the Desktop leaves them. */
export function contacts(...all: readonly (readonly [id: number, role: string])[]) {
  return {
    opportunity_contact_ids: all.map(([id]) => id),
    opportunity_contact_roles: all.map(([, role]) => role),
  }
}

/** Somebody in Outreach adds a prospect to an opportunity; the row's id. */
export function addRole(
  house: Systems,
  { deal, prospect, role }: { deal: number; prospect: number; role?: string | null },
): number {
  const links = { opportunity: deal, prospect }
  const attributes = role === undefined ? {} : { role }
  return house.outreach.person.create('opportunityProspectRole', { attributes, links }).id
}

export function changeRole(house: House, row: number, role: string | null): void {
  house.outreach.person.update('opportunityProspectRole', row, { attributes: { role } })
}

export function removeRole(house: House, row: number): void {
  house.outreach.person.remove('opportunityProspectRole', row)
}

/** The rows of an opportunity of Outreach. */
export function rowsOf(house: House, deal: number) {
  return house.outreach.person
    .list('opportunityProspectRole')
    .filter(({ links }) => links['opportunity']?.id === deal)
}

/** The prospects of an opportunity of Outreach, with their roles, sorted. */
export function rolesOf(house: House, deal: number): readonly Contact[] {
  assert.ok(deals(house).some(({ id }) => id === deal))
  return rowsOf(house, deal)
    .map(({ links, attributes }) => {
      const role = attributes['role']
      return `${links['prospect']?.id ?? 0} ${typeof role === 'string' ? role : ''}`.trim()
    })
    .sort()
}

/** Calls that write rows, opportunities, and rows of Workbooks opportunities, since the last reset. */
export function contactWritesOf(house: House) {
  const counts = Object.entries(house.outreach.calls.counts())
  const sum = (pattern: RegExp) =>
    counts.filter(([what]) => pattern.test(what)).reduce((all, [, count]) => all + count, 0)
  return {
    rows: sum(/^(POST|PATCH|DELETE) .*opportunityProspectRoles/),
    deals: sum(/^(POST|PATCH|DELETE) .*opportunities/),
    opportunities: house.workbooks.calls.counts()['rows crm/opportunities'] ?? 0,
  }
}

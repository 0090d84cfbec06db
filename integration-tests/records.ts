import assert from 'node:assert/strict'
import type { House } from './start-house.ts'

type Columns = Readonly<Record<string, unknown>>

/** A person at the Workbooks Desktop creates an organisation that is to be synchronised; its id. */
export function createOrganisation(house: House, columns: Columns): number {
  const created = house.workbooks.person.create('organisations', {
    cf_organisation_sync_to_outreach: true,
    ...columns,
  })
  return Number(created['id'])
}

export function renameOrganisation(house: House, id: number, name: string): void {
  house.workbooks.person.update('organisations', id, { name })
}

/** All columns of an organisation, as a person sees them. */
export function organisation(house: House, id: number): Columns {
  const found = house.workbooks.person.read('organisations', id)
  assert.ok(found, `organisation ${id} is not there`)
  return found
}

/** A person in Outreach creates an account; its id. */
export function createAccount(house: House, attributes: Columns): number {
  return house.outreach.person.create('account', { attributes: { named: true, ...attributes } }).id
}

export function renameAccount(house: House, id: number, name: string): void {
  house.outreach.person.update('account', id, { attributes: { name } })
}

export function account(house: House, id: number): Columns {
  const found = house.outreach.person.read('account', id)
  assert.ok(found, `account ${id} is not there`)
  return found.attributes
}

/** Creates an organisation and waits until it is linked; both ids. */
export async function createPair(
  house: House,
  columns: Columns,
): Promise<{ readonly w: number; readonly o: number }> {
  const w = createOrganisation(house, columns)
  await house.settled()
  const o = Number(organisation(house, w)['cf_organisation_outreach_id'])
  assert.ok(o > 0, `organisation ${w} was not linked`)
  return { w, o }
}

/** Writes to the two systems since the counts were last reset, creates and deletes included. */
export function writesOf(house: House): { readonly outreach: number; readonly workbooks: number } {
  const counts = house.outreach.calls.counts()
  const outreach = Object.entries(counts)
    .filter(([what]) => /^(POST|PATCH|DELETE) /.test(what))
    .reduce((sum, [, count]) => sum + count, 0)
  return { outreach, workbooks: house.workbooks.calls.counts()['rows crm/organisations'] ?? 0 }
}

export function resetCalls(house: House): void {
  house.outreach.calls.reset()
  house.workbooks.calls.reset()
}

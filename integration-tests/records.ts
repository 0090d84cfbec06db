import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Outcome } from '../schemas/outcome.ts'
import type { House } from './start-house.ts'

type Columns = Readonly<Record<string, unknown>>

/** The systems alone: what people do there needs no product. */
export type Systems = Pick<House, 'outreach' | 'workbooks'>

/** A person at the Workbooks Desktop creates an organisation that is to be synchronised; its id. */
export function createOrganisation(house: Systems, columns: Columns): number {
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
export function organisation(house: Systems, id: number): Columns {
  const found = house.workbooks.person.read('organisations', id)
  assert.ok(found, `organisation ${id} is not there`)
  return found
}

/** A person in Outreach creates an account; its id. */
export function createAccount(house: Systems, attributes: Columns): number {
  return house.outreach.person.create('account', { attributes: { named: true, ...attributes } }).id
}

export function renameAccount(house: House, id: number, name: string): void {
  house.outreach.person.update('account', id, { attributes: { name } })
}

export function account(house: Systems, id: number): Columns {
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

/** A person changes columns of an organisation. */
export function editOrganisation(house: House, id: number, columns: Columns): void {
  house.workbooks.person.update('organisations', id, columns)
}

/** A person changes attributes of an account. */
export function editAccount(house: House, id: number, attributes: Columns): void {
  house.outreach.person.update('account', id, { attributes })
}

/** The Outreach Id on an organisation, as a number; undefined where it is blank. */
export function outreachIdOf(house: Systems, id: number): number | undefined {
  const text = organisation(house, id)['cf_organisation_outreach_id']
  return text === null || text === '' || text === undefined ? undefined : Number(text)
}

/** Every organisation that is not deleted. */
export function organisations(house: House): readonly Columns[] {
  return house.workbooks.person.list('organisations').filter((row) => row['is_deleted'] !== true)
}

export function accountsNamed(house: House, name: string): readonly number[] {
  const all = house.outreach.person.list('account')
  return all.filter(({ attributes }) => attributes['name'] === name).map(({ id }) => id)
}

/** The newest outcome of a record, such as `workbooks:organisation:226`. */
export async function newestOutcome(house: House, record: string): Promise<Outcome> {
  const [newest] = await house.outcomes(record)
  assert.ok(newest, `nothing was told of ${record}`)
  return newest
}

/** Does something that neither system announces: a webhook that was missed. */
export function silently<Result>(house: Systems, work: () => Result): Result {
  const { drops } = house.workbooks.hooks.disorder()
  const before = house.outreach.webhooks.switches().drops
  house.workbooks.hooks.setDisorder({ drops: 1 })
  house.outreach.webhooks.change({ drops: 1 })
  try {
    return work()
  } finally {
    house.workbooks.hooks.setDisorder({ drops })
    house.outreach.webhooks.change({ drops: before })
  }
}

/** Does something an hour ago, unannounced: before the product was first connected. */
export function anHourAgo<Result>(house: Systems, work: () => Result): Result {
  const hourMs = 3_600_000
  house.workbooks.clock.advance(-hourMs)
  house.outreach.clock.advance(-hourMs)
  try {
    return silently(house, work)
  } finally {
    house.workbooks.clock.advance(hourMs)
    house.outreach.clock.advance(hourMs)
  }
}

/** An operator asks for a record to be synchronised, and it is. */
export async function syncByOps(house: House, record: string): Promise<void> {
  const response = await house.ops('POST', '/ops/sync', { record })
  assert.ok(response.ok, `ops sync ${record} was answered ${response.status}`)
  await house.settled()
}

/** The outcomes of one kind that were told of a record, newest first. */
export async function outcomesOf(
  house: House,
  record: string,
  outcome: Outcome['outcome'],
): Promise<readonly Outcome[]> {
  return (await house.outcomes(record)).filter((told) => told.outcome === outcome)
}

/** The one outcome of its kind that was told of a record. */
export async function onlyOutcome(
  house: House,
  record: string,
  outcome: Outcome['outcome'],
): Promise<Outcome> {
  const all = await house.outcomes(record)
  const [only, second] = all.filter((told) => told.outcome === outcome)
  const told = all.map((one) => `${one.outcome} (${one.reason ?? ''})`).join(', ')
  assert.ok(only && second === undefined, `of ${record} was told, newest first: ${told}`)
  return only
}

/** A text field of the customer's own, `cf_organisation_<title>`; the product finds it at its next start. */
export function addCustomColumn(house: House, title: string): void {
  house.workbooks.person.create('admin/custom_fields', {
    title,
    resource_type: 'Private::Crm::Organisation',
    data_type: 'string',
  })
}

/** Waits for something that no queue tells of, such as a parked record whose time has come. */
export async function until(isSo: () => boolean, ms = 45_000): Promise<void> {
  const deadline = Date.now() + ms
  while (!isSo()) {
    assert.ok(Date.now() < deadline, 'it did not come to that')
    await sleep(2)
  }
}

import assert from 'node:assert/strict'
import { organisation, outreachIdOf, type Systems } from './records.ts'
import type { House } from './start-house.ts'

type Columns = Readonly<Record<string, unknown>>

/** A person at the Workbooks Desktop creates a person that is to be synchronised; its id. */
export function createPerson(house: Systems, columns: Columns): number {
  const created = house.workbooks.person.create('people', {
    ...{ name: 'Mara Quill', person_first_name: 'Mara', person_last_name: 'Quill' },
    ...{ cf_person_sync_to_outreach: true, ...columns },
  })
  return Number(created['id'])
}

export function editPerson(house: House, id: number, columns: Columns): void {
  house.workbooks.person.update('people', id, columns)
}

/** All columns of a person, as somebody at the Desktop sees them. */
export function person(house: House, id: number): Columns {
  const found = house.workbooks.person.read('people', id)
  assert.ok(found, `person ${id} is not there`)
  return found
}

/** Every person that is not deleted. */
export function people(house: House): readonly Columns[] {
  return house.workbooks.person.list('people').filter((row) => row['is_deleted'] !== true)
}

type ProspectWish = { readonly attributes?: Columns; readonly account?: number | null }

/** Somebody in Outreach creates a prospect; its id. */
export function createProspect(house: Systems, { attributes = {}, account }: ProspectWish): number {
  const links = account === undefined ? {} : { account }
  const wish = { attributes: { firstName: 'Mara', lastName: 'Quill', ...attributes }, links }
  return house.outreach.person.create('prospect', wish).id
}

export function editProspect(house: House, id: number, attributes: Columns): void {
  house.outreach.person.update('prospect', id, { attributes })
}

/** Somebody in Outreach moves a prospect to an account, or takes it out of its account. */
export function moveProspect(house: House, id: number, account: number | null): void {
  house.outreach.person.update('prospect', id, { links: { account } })
}

export function prospect(house: House, id: number): Columns {
  const found = house.outreach.person.read('prospect', id)
  assert.ok(found, `prospect ${id} is not there`)
  return found.attributes
}

export function prospects(house: House) {
  return house.outreach.person.list('prospect')
}

/** The account that a prospect is in. */
export function accountOf(house: House, id: number): number | null {
  const found = house.outreach.person.read('prospect', id)
  assert.ok(found, `prospect ${id} is not there`)
  return found.links['account']?.id ?? null
}

/** The Outreach Id on a person, as a number; undefined where it is blank. */
export function prospectIdOf(house: House, id: number): number | undefined {
  const text = person(house, id)['cf_person_outreach_id']
  return text === null || text === '' || text === undefined ? undefined : Number(text)
}

/** The employer of a person; null where there is none. */
export function employerOf(house: House, id: number): number | null {
  const employer = person(house, id)['employer_link']
  return typeof employer === 'number' ? employer : null
}

export type Pair = { readonly w: number; readonly o: number }

/** Creates a person and waits until it is linked; both ids. */
export async function createPersonPair(house: House, columns: Columns): Promise<Pair> {
  const w = createPerson(house, columns)
  await house.settled()
  const o = prospectIdOf(house, w)
  assert.ok(o !== undefined, `person ${w} was not linked`)
  return { w, o }
}

/** The account that an organisation is linked with. */
export function accountIdOf(house: House, organisationId: number): number {
  const id = outreachIdOf(house, organisationId)
  assert.ok(
    id !== undefined,
    `${String(organisation(house, organisationId)['name'])} is not linked`,
  )
  return id
}

/** Writes of people and prospects to the two systems since the counts were last reset. */
export function personWritesOf(house: House): {
  readonly outreach: number
  readonly workbooks: number
} {
  const outreach = Object.entries(house.outreach.calls.counts())
    .filter(([what]) => /^(POST|PATCH|DELETE) .*prospect/.test(what))
    .reduce((sum, [, count]) => sum + count, 0)
  return { outreach, workbooks: house.workbooks.calls.counts()['rows crm/people'] ?? 0 }
}

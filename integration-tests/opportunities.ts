import assert from 'node:assert/strict'
import type { Systems } from './records.ts'
import type { House } from './start-house.ts'

type Columns = Readonly<Record<string, unknown>>

/** Somebody at the Workbooks Desktop creates an opportunity that is to be synchronised; its id. */
export function createOpportunity(house: House, columns: Columns = {}): number {
  const created = house.workbooks.person.create('opportunities', {
    ...{ description: 'Renewal 2026', cf_opportunity_sync_to_outreach: true, ...columns },
  })
  return Number(created['id'])
}

export function editOpportunity(house: House, id: number, columns: Columns): void {
  house.workbooks.person.update('opportunities', id, columns)
}

/** All columns of a Workbooks opportunity, as somebody at the Desktop sees them. */
export function opportunity(house: House, id: number): Columns {
  const found = house.workbooks.person.read('opportunities', id)
  assert.ok(found, `opportunity ${id} is not there`)
  return found
}

/** Every Workbooks opportunity that is not deleted. */
export function opportunities(house: House): readonly Columns[] {
  return house.workbooks.person.list('opportunities').filter((row) => row['is_deleted'] !== true)
}

type DealWish = { readonly attributes?: Columns; readonly links?: Columns }

/** Somebody in Outreach creates an opportunity; its id. In tests the ones of Outreach are called deals. */
export function createDeal(house: Systems, { attributes = {}, links = {} }: DealWish = {}): number {
  const wish = { attributes: { name: 'Renewal 2026', ...attributes }, links }
  return house.outreach.person.create('opportunity', wish).id
}

export function editDeal(house: House, id: number, { attributes = {}, links = {} }: DealWish) {
  house.outreach.person.update('opportunity', id, { attributes, links })
}

/** All attributes of an opportunity of Outreach. */
export function deal(house: House, id: number): Columns {
  return mustReadDeal(house, id).attributes
}

/** The id of the record that an opportunity of Outreach names; null where it names none. */
export function linkOfDeal(house: House, id: number, name: string): number | null {
  return mustReadDeal(house, id).links[name]?.id ?? null
}

function mustReadDeal(house: House, id: number) {
  const found = house.outreach.person.read('opportunity', id)
  assert.ok(found, `Outreach has no opportunity ${id}`)
  return found
}

export function deals(house: House) {
  return house.outreach.person.list('opportunity')
}

/** The Outreach Id on an opportunity, as a number; undefined where it is blank. */
export function dealIdOf(house: House, id: number): number | undefined {
  const text = opportunity(house, id)['cf_opportunity_outreach_id']
  return text === null || text === '' || text === undefined ? undefined : Number(text)
}

/** The id of the Workbooks opportunity with this Outreach Id. */
export function opportunityOf(house: House, dealId: number): number {
  const found = opportunities(house).filter(
    (row) => row['cf_opportunity_outreach_id'] === String(dealId),
  )
  assert.equal(found.length, 1, `${found.length} opportunities have the Outreach Id ${dealId}`)
  return Number(found[0]?.['id'])
}

export type OpportunityPair = { readonly w: number; readonly o: number }

/** Creates an opportunity in Workbooks and waits until it is linked; both ids. */
export async function createOpportunityPair(
  house: House,
  columns: Columns = {},
): Promise<OpportunityPair> {
  const w = createOpportunity(house, columns)
  await house.settled()
  const o = dealIdOf(house, w)
  assert.ok(o !== undefined, `opportunity ${w} was not linked`)
  return { w, o }
}

/** The id of a stage of Outreach. */
export function dealStage(house: House, name: string): number {
  const stages = house.outreach.person.list('opportunityStage')
  const found = stages.find(({ attributes }) => attributes['name'] === name)
  assert.ok(found, `Outreach has no opportunity stage ${name}`)
  return found.id
}

/** The name of the stage that an opportunity of Outreach is in. */
export function stageOfDeal(house: House, id: number): string | null {
  const stage = linkOfDeal(house, id, 'opportunityStage')
  if (stage === null) return null
  const found = house.outreach.person.read('opportunityStage', stage)
  return found === undefined ? null : String(found.attributes['name'])
}

/** Writes of opportunities to the two systems since the counts were last reset. */
export function opportunityWritesOf(house: House): {
  readonly outreach: number
  readonly workbooks: number
} {
  const outreach = Object.entries(house.outreach.calls.counts())
    .filter(([what]) => /^(POST|PATCH|DELETE) .*opportunities/.test(what))
    .reduce((sum, [, count]) => sum + count, 0)
  return { outreach, workbooks: house.workbooks.calls.counts()['rows crm/opportunities'] ?? 0 }
}

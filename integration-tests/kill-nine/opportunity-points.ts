import type { Side } from '../histories/known.ts'
import type { MoveName } from '../histories/moves.ts'
import type { Statement } from '../../state/state-store.ts'

type Stir = readonly [MoveName, Side]

/** What opportunities and their contacts add to the path of a change. */
export const opportunityPoints = {
  'write what is pending in an opportunity': ['edit an opportunity', 'workbooks'],
  'write which row is pending': ['add a contact', 'workbooks'],
  'write a pair of opportunities': ['edit an opportunity', 'outreach'],
  'write whom an opportunity names': ['add a contact', 'workbooks'],
  'write a wake': ['make a person', 'workbooks'],
  'call Workbooks: create an opportunity': ['make an opportunity', 'outreach'],
  'call Workbooks: write back the id of an opportunity': ['make an opportunity', 'workbooks'],
  'call Workbooks: update an opportunity': ['edit an opportunity', 'outreach'],
  'call Workbooks: write both arrays': ['add a contact', 'outreach'],
  'call Outreach: list the stages': ['edit an opportunity', 'workbooks'],
  'call Outreach: create an opportunity': ['make an opportunity', 'workbooks'],
  'call Outreach: PATCH an opportunity': ['edit an opportunity', 'workbooks'],
  'call Outreach: read roles': ['change a role', 'outreach'],
  'call Outreach: make a role': ['add a contact', 'workbooks'],
  'call Outreach: change a role': ['change a role', 'workbooks'],
  'call Outreach: take a role away': ['remove a contact', 'workbooks'],
} as const satisfies Readonly<Record<string, Stir>>

export type OpportunityPoint = keyof typeof opportunityPoints

const rows = 'opportunityProspectRoles'

/** By method and resource; a path that ends in an id is of one record. */
const outreachCalls: Readonly<Record<string, OpportunityPoint>> = {
  'GET opportunityStages': 'call Outreach: list the stages',
  [`GET ${rows}`]: 'call Outreach: read roles',
  [`POST ${rows}`]: 'call Outreach: make a role',
  [`PATCH ${rows}`]: 'call Outreach: change a role',
  [`DELETE ${rows}`]: 'call Outreach: take a role away',
  'POST opportunities': 'call Outreach: create an opportunity',
  'PATCH opportunities': 'call Outreach: PATCH an opportunity',
}

export function opportunityPointOfCall(
  url: string,
  method: string,
  body: string,
): OpportunityPoint | undefined {
  const { pathname } = new URL(url)
  const [, resource] = /^\/api\/v2\/(\w+)/.exec(pathname) ?? []
  if (resource !== undefined) return outreachCalls[`${method} ${resource}`]
  if (!pathname.startsWith('/crm/opportunities.')) return undefined
  return pointOfForm(new URLSearchParams(body))
}

function pointOfForm(form: URLSearchParams): OpportunityPoint | undefined {
  const methods = form.getAll('__method[]')
  if (methods.includes('POST')) return 'call Workbooks: create an opportunity'
  if (!methods.includes('PUT')) return undefined
  if (form.has('opportunity_contact_ids[]')) return 'call Workbooks: write both arrays'
  return form.has('cf_opportunity_outreach_id[]')
    ? 'call Workbooks: write back the id of an opportunity'
    : 'call Workbooks: update an opportunity'
}

export function opportunityPointOfWrite(
  statements: readonly Statement[],
): OpportunityPoint | undefined {
  const begins = (sql: string) => statements.find((one) => one.sql.startsWith(sql))
  if (begins('INSERT INTO wakes') !== undefined) return 'write a wake'
  const [kind, , , , , , , memory] = begins('INSERT INTO pairs')?.params ?? []
  if (kind !== 'opportunity') return undefined
  if (begins('INSERT INTO relations') !== undefined) return 'write whom an opportunity names'
  // What the memory's text says of a write that is about to leave.
  const pending = /"pending":(.*)$/.exec(String(memory))?.[1]
  if (pending === undefined) return 'write a pair of opportunities'
  return pending.includes('opportunity_contact_ids[')
    ? 'write which row is pending'
    : 'write what is pending in an opportunity'
}

import assert from 'node:assert/strict'
import { test } from 'vitest'
import { opportunity } from './opportunity.ts'
import { fitToDatabase, settleKind } from './settle-kind.ts'

// prettier-ignore
const mapping = [
  ['description', 'name', 'text', 'both'],
  ['comment', 'description', 'text', 'both'],
  ['document_currency', 'currencyType', 'text', 'both'],
  ['document_currency_net_value', 'amount', 'money', 'send'],
  ['probability', 'probability', 'integer', 'both'],
  ['document_date', 'closeDate', 'date', 'both'],
  ['opportunity_stage[name]', 'opportunityStage', 'stage', 'both'],
  ['party_id', 'account', 'parent', 'both'],
  ['queue_entry[queue[name]]', 'owner', 'owner', 'both'],
]

test('every line of the default mapping has its form and direction (mapping 2)', () => {
  const { fields } = settleKind(opportunity)
  // Contacts have tests of their own.
  const others = fields.filter(({ outreach }) => outreach !== 'opportunityProspectRole')
  assert.deepEqual(
    others.map(({ workbooks, outreach, form, direction }) => [
      ...[workbooks, outreach, form, direction],
    ]),
    mapping,
  )
})

test('the customer is an organisation, of a column whose ids may be people', () => {
  const { fields } = settleKind(opportunity)
  assert.deepEqual(fields.find(({ workbooks }) => workbooks === 'party_id')?.parent, {
    ...{ kind: 'organisation', outreachType: 'account', isParty: true },
  })
})

test('a column keeps its form where the configuration maps it elsewhere or otherwise', () => {
  const entries = [
    { workbooks: 'document_date', outreach: 'custom4' },
    { workbooks: 'document_currency_net_value', outreach: 'amount', direction: 'both' },
    { workbooks: 'party_id', outreach: 'account', onLink: 'outreach' },
  ] as const
  const { fields } = settleKind(opportunity, { fields: entries })
  const of = (name: string) => fields.find(({ workbooks }) => workbooks === name)
  assert.equal(of('document_date')?.form, 'date')
  assert.equal(of('document_currency_net_value')?.form, 'money')
  assert.equal(of('party_id')?.parent?.isParty, true)
})

test("a column of the customer's own is a day or an amount where the metadata says so", () => {
  const entries = [
    { workbooks: 'cf_opportunity_day', outreach: 'closeDate' },
    { workbooks: 'cf_opportunity_at', outreach: 'externalCreatedAt' },
    { workbooks: 'cf_opportunity_worth', outreach: 'amount' },
    { workbooks: 'cf_opportunity_words', outreach: 'nextStep' },
  ] as const
  const settled = settleKind(opportunity, { fields: entries })
  const datatypes: Readonly<Record<string, string>> = {
    ...{ cf_opportunity_day: 'date', cf_opportunity_at: 'datetime' },
    ...{ cf_opportunity_worth: 'currency', cf_opportunity_words: 'string' },
  }
  const is = { isUpdateable: true, isCreateable: true }
  const metadata = new Map(
    settled.readColumns.map(
      (name) => [...[name, { name, datatype: datatypes[name] ?? 'string', ...is }]] as const,
    ),
  )
  const { fields } = fitToDatabase(settled, metadata).kind
  const forms = Object.fromEntries(fields.map(({ workbooks, form }) => [workbooks, form]))
  assert.deepEqual(
    Object.keys(datatypes).map((name) => forms[name]),
    ['date', 'moment', 'money', 'text'],
  )
})

test('nothing is looked for by name, and only what a kind is matched by is read beside its fields', () => {
  const { matching, readColumns } = settleKind(opportunity)
  const record = { readAt: 0, columns: { description: 'Renewal' } }
  const w = {
    controller: 'crm/opportunities',
    id: '77',
    lockVersion: 1,
    isDeleted: false,
    ...record,
  }
  const o = {
    type: 'opportunity',
    id: '950',
    links: {},
    readAt: 0,
    attributes: { name: 'Renewal' },
  }
  assert.deepEqual([matching.keysOfWorkbooks(w), matching.keysOfOutreach(o)], [[], []])
  // An opportunity has no column of this name (workbooks-api 7.4).
  assert.ok(!readColumns.includes('name'))
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import { organisation } from '../kinds/organisation.ts'
import { settleKind } from '../kinds/settle-kind.ts'
import { chooseKeeper } from './choose-keeper.ts'

const kind = settleKind(organisation)
const row = (id: string, outreachId: unknown = '4101', isDeleted = false) => ({
  ...{ controller: 'crm/organisations', id, lockVersion: 0, isDeleted, readAt: 0 },
  columns: { cf_organisation_outreach_id: outreachId },
})

type Row = {
  readonly says: string
  readonly rows: readonly ReturnType<typeof row>[]
  readonly customId?: string
  readonly paired?: string
  readonly keeps: string
  readonly others: readonly string[]
}

// prettier-ignore
const rows: readonly Row[] = [
  { says: 'one alone keeps it',                                    rows: [row('7')], keeps: '7', others: [] },
  { says: '"the one that is paired already keeps it"',             rows: [row('7'), row('9')], paired: '9', customId: 'workbooks:organisation:7', keeps: '9', others: ['7'] },
  { says: '"else the one that our reference names"',               rows: [row('7'), row('9')], customId: 'workbooks:organisation:9', keeps: '9', others: ['7'] },
  { says: 'a reference of the customer\'s own counts for nothing', rows: [row('7'), row('9')], customId: '9', keeps: '7', others: ['9'] },
  { says: 'a reference to a record that is not there neither',     rows: [row('7'), row('9')], customId: 'workbooks:organisation:8', keeps: '7', others: ['9'] },
  { says: '"else the lowest id", as a number',                     rows: [row('10'), row('9'), row('100')], keeps: '9', others: ['10', '100'] },
  { says: 'ids are longer than numbers can hold',                  rows: [row('9007199254740993'), row('9007199254740992')], keeps: '9007199254740992', others: ['9007199254740993'] },
  { says: 'a record found twice is one',                           rows: [row('7'), row('7')], keeps: '7', others: [] },
  { says: 'a deleted one has no say',                              rows: [row('5', '4101', true), row('7')], keeps: '7', others: [] },
  { says: 'what a loose search found beside it has no say',        rows: [row('5', '41'), row('6', null), row('7', 4101)], keeps: '7', others: [] },
  { says: 'the paired one keeps it though the search missed it',   rows: [row('7')], paired: '9', keeps: '9', others: ['7'] },
]

test.each(rows)('of several records with one Outreach Id (rulebook 4): $says', (given) => {
  const { customId = null, paired, keeps, others } = given
  const attributes = { customId }
  const partner = { type: 'account', id: '4101', attributes, links: {}, readAt: 0 }
  const chosen = chooseKeeper(kind, { rows: given.rows, partner, paired })
  assert.deepEqual([chosen.id, chosen.others.map(({ id }) => id)], [keeps, others])
})

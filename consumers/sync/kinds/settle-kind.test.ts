import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { KindConfig } from '../../../schemas/sync-config.ts'
import { organisation } from './organisation.ts'
import { fitToDatabase, settleKind } from './settle-kind.ts'

const fieldOf = (config: KindConfig, workbooks: string) =>
  settleKind(organisation, config).fields.find((field) => field.workbooks === workbooks)

test('absent keys take the built-in default (mapping 3)', () => {
  const { columns, policy } = settleKind(organisation)
  assert.deepEqual([columns, policy], [organisation.columns, organisation.policy])
})

test('an entry is added to the default list, with the usual defaults (mapping 3)', () => {
  const entry = { workbooks: 'cf_organisation_tier', outreach: 'custom7' }
  assert.deepEqual(fieldOf({ fields: [entry] }, 'cf_organisation_tier'), {
    ...entry,
    ...{ form: 'text', direction: 'both', onConflict: 'latest', onLink: 'workbooks' },
    maxLength: 32_000,
  })
})

test('an entry with the same column replaces the default line (mapping 3)', () => {
  const entry = { workbooks: 'name', outreach: 'naturalName', direction: 'send' as const }
  const { fields } = settleKind(organisation, { fields: [entry] })
  assert.deepEqual(
    fields.filter(({ workbooks }) => workbooks === 'name').map(({ outreach }) => outreach),
    ['naturalName'],
  )
  assert.equal(fields.length, organisation.fields.length)
})

test('a line can be switched off (mapping 3)', () => {
  const config = { fields: [{ workbooks: 'biography', enabled: false }] }
  assert.equal(fieldOf(config, 'biography'), undefined)
  assert.ok(!settleKind(organisation, config).readColumns.includes('biography'))
})

// prettier-ignore
const forms = [
  { outreach: 'custom1', form: 'text' },
  { outreach: 'followers', form: 'integer' },
  { outreach: 'buyerIntentScore', form: 'number' },
  { outreach: 'named', form: 'boolean' },
  { outreach: 'tags', form: 'list' },
  { outreach: 'foundedAt', form: 'moment' },
  { outreach: 'owner', form: 'owner' },
]

test.each(forms)('$outreach is read as $form, as the vendor says', ({ outreach, form }) => {
  assert.equal(fieldOf({ fields: [{ workbooks: 'cf_x', outreach }] }, 'cf_x')?.form, form)
})

test('every choice of the file is laid over the default', () => {
  const when = [{ attribute: 'owner', is: ['44'] }]
  const config = {
    enabled: false,
    matching: 'link',
    createInOutreach: false,
    createInWorkbooks: { when },
    onDelete: 'delete',
  } as const
  assert.deepEqual(settleKind(organisation, config).policy, { ...config, createInWorkbooks: when })
})

// prettier-ignore
const creates = [
  { says: 'true means the default conditions', createInWorkbooks: true, want: organisation.policy.createInWorkbooks },
  { says: 'false means never',                 createInWorkbooks: false, want: undefined },
]

test.each(creates)('createInWorkbooks (rulebook 6): $says', ({ createInWorkbooks, want }) => {
  assert.deepEqual(settleKind(organisation, { createInWorkbooks }).policy.createInWorkbooks, want)
})

test('a renamed or absent column is read under its name, or not at all (mapping 1)', () => {
  const columns = { syncToOutreach: 'cf_sync', outreachErrorMessage: null }
  const kind = settleKind(organisation, { columns })
  assert.ok(kind.readColumns.includes('cf_sync'))
  assert.ok(!kind.readColumns.includes('cf_organisation_sync_to_outreach'))
  assert.equal(kind.columns.outreachErrorMessage, null)
  assert.equal(kind.columns.outreachId, 'cf_organisation_outreach_id')
})

test('what every sync needs is read: versions, times, flags, the queue behind Assigned To', () => {
  const { readColumns } = settleKind(organisation)
  const { syncToOutreach, outreachId } = organisation.columns
  const needed = ['lock_version', 'updated_at', 'is_deleted', 'created_through_reference']
  for (const column of [...needed, syncToOutreach, outreachId, 'assigned_to', 'name']) {
    assert.ok(readColumns.includes(column), column)
  }
  assert.equal(new Set(readColumns).size, readColumns.length)
})

const kind = settleKind(organisation)
const info = (name: string, datatype = 'string') =>
  [name, { name, datatype, isUpdateable: true, isCreateable: true }] as const
const all = [...kind.readColumns.map((name) => info(name))]
const without = (...names: readonly string[]) =>
  new Map(all.filter(([name]) => !names.includes(name)))

test('a database with every column loses nothing', () => {
  const { missing, absent } = fitToDatabase(kind, new Map(all))
  assert.deepEqual([missing, absent], [[], []])
})

test('the error message is optional: without its column the product works without it (mapping 1)', () => {
  const message = 'cf_organisation_outreach_error_message'
  const fitted = fitToDatabase(kind, without(message))
  assert.deepEqual([fitted.missing, fitted.absent], [[], [message]])
  assert.equal(fitted.kind.columns.outreachErrorMessage, null)
  assert.ok(!fitted.kind.readColumns.includes(message))
})

test('a column that every eligible record needs is missing', () => {
  const { missing } = fitToDatabase(kind, without('cf_organisation_outreach_id'))
  assert.deepEqual(missing, ['cf_organisation_outreach_id'])
})

test('a mapped column that the database lacks is done without, and not read', () => {
  const fitted = fitToDatabase(kind, without('linkedin_url'))
  assert.deepEqual([fitted.missing, fitted.absent], [[], ['linkedin_url']])
  assert.ok(!fitted.kind.readColumns.includes('linkedin_url'))
})

test('a column of a related record is listed elsewhere, and kept', () => {
  const { absent } = fitToDatabase(kind, without('main_location[town]'))
  assert.deepEqual(absent, [])
})

test('a string column of Workbooks takes 255 characters, a text more (rulebook 8: it is not cut)', () => {
  const { fields } = fitToDatabase(kind, new Map([...all, info('biography', 'text')])).kind
  const limits = new Map(fields.map((field) => [field.workbooks, field.workbooksMaxLength]))
  assert.deepEqual([limits.get('name'), limits.get('biography')], [255, undefined])
})

test('metadata that nobody could read prove nothing', () => {
  const fitted = fitToDatabase(kind, undefined)
  assert.deepEqual(fitted.missing, [])
  assert.equal(fitted.kind.fields.length, kind.fields.length)
})

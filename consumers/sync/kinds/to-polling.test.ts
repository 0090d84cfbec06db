import assert from 'node:assert/strict'
import { test } from 'vitest'
import { readSyncConfig, type KindConfig } from '../../../schemas/sync-config.ts'
import { opportunity } from './opportunity.ts'
import { organisation } from './organisation.ts'
import { person } from './person.ts'
import { fitToDatabase, settleKind } from './settle-kind.ts'
import { toPolling } from './to-polling.ts'

const pollingOf = (definition: typeof organisation, config: KindConfig = {}) =>
  toPolling(settleKind(definition, config))

test('an organisation: its columns by the names that the configuration gives, accounts of both lists', () => {
  const columns = { outreachId: 'cf_account_no', outreachDuplicate: 'cf_twin' }
  const { workbooks, outreach } = pollingOf(organisation, { columns })
  assert.deepEqual(workbooks, {
    type: 'organisation',
    controller: 'crm/organisations',
    columns: {
      syncToOutreach: 'cf_organisation_sync_to_outreach',
      outreachSyncError: 'cf_organisation_outreach_sync_error',
      outreachDuplicate: 'cf_twin',
      outreachId: 'cf_account_no',
    },
    linkedPassFlags: false,
  })
  const asked = outreach.map(({ type, filter, every, oauthOnly }) => ({
    ...{ type, filter, every, oauthOnly },
  }))
  assert.deepEqual(asked, [
    { type: 'account', filter: undefined, every: 1, oauthOnly: false },
    { type: 'account', filter: { named: 'false' }, every: 10, oauthOnly: false },
  ])
  const [named, unnamed] = outreach
  assert.deepEqual(
    [unnamed?.attributes, unnamed?.links],
    [named?.attributes, named?.links],
    'a record has one fingerprint, whichever list shows it',
  )
})

test('the fingerprint of an account: what is mapped, what lets it be created, our reference, the trash mark', () => {
  const { attributes, links } = settleKind(organisation).fingerprinted
  assert.deepEqual([...attributes].sort(), [
    ...['customId', 'description', 'industry', 'linkedInUrl', 'locality', 'name', 'named'],
    ...['numberOfEmployees', 'trashedAt', 'websiteUrl'],
  ])
  assert.deepEqual(links, ['owner'])
})

test('a person: both marks of an opt-out, and flags that do not hold it back (rulebook 11)', () => {
  const { workbooks, outreach } = pollingOf(person)
  assert.equal(workbooks.linkedPassFlags, true)
  const [prospect] = outreach
  assert.deepEqual(
    ['optedOut', 'emailOptedOut', 'emails', 'externalId'].map((name) =>
      prospect?.attributes.includes(name),
    ),
    [true, true, true, true],
  )
  assert.deepEqual([...(prospect?.links ?? [])].sort(), ['account', 'owner'])
})

test('its e-mail addresses and phone numbers, of which no prospect tells (outreach-api 3.4)', () => {
  const parts = pollingOf(person).outreach.slice(1)
  assert.deepEqual(
    parts.map(({ type, every, about, oauthOnly }) => ({ type, every, about, oauthOnly })),
    ['emailAddress', 'phoneNumber'].map((type) => ({
      ...{ type, every: 10, about: { link: 'prospect', type: 'prospect' }, oauthOnly: true },
    })),
  )
  assert.deepEqual(parts[0]?.links, ['prospect'])
})

test('... unless nobody maps them', () => {
  const fields = person.fields
    .filter(({ outreach }) => outreach.includes('Phones'))
    .map(({ workbooks }) => ({ workbooks, enabled: false }))
  const types = pollingOf(person, { fields }).outreach.map(({ type }) => type)
  assert.deepEqual(types, ['prospect', 'emailAddress'])
})

test('an opportunity: a duplicate flag holds back only what goes to Workbooks (rulebook 3), and who is on it stands in a list of its own', () => {
  const { workbooks, outreach } = pollingOf(opportunity)
  assert.equal(workbooks.columns.outreachDuplicate, null)
  const [own, rows] = outreach
  assert.deepEqual([...(own?.attributes ?? [])].sort(), [
    ...['amount', 'closeDate', 'currencyType', 'customId', 'description', 'name'],
    ...['probability', 'trashedAt'],
  ])
  assert.deepEqual([...(own?.links ?? [])].sort(), ['account', 'opportunityStage', 'owner'])
  assert.deepEqual(rows, {
    ...{
      type: 'opportunityProspectRole',
      attributes: ['role'],
      links: ['opportunity', 'prospect'],
    },
    ...{ every: 1, oauthOnly: true, about: { link: 'opportunity', type: 'opportunity' } },
    isSet: true,
  })
})

test('... unless nobody maps them', () => {
  const fields = [{ workbooks: 'opportunity_contact_ids', enabled: false as const }]
  const types = pollingOf(opportunity, { fields }).outreach.map(({ type }) => type)
  assert.deepEqual(types, ['opportunity'])
})

test('a condition on a relationship is a link, a mapped custom field is read; a file may say both', () => {
  const kinds = {
    person: {
      createInWorkbooks: {
        when: [
          { attribute: 'stage', is: ['3'] },
          { attribute: 'tags', is: ['a'] },
        ],
      },
      fields: [{ workbooks: 'cf_person_shoe', outreach: 'custom12' }],
    },
  }
  const read = readSyncConfig({ kinds })
  assert.equal(read.kind, 'ok')
  const { attributes, links } = settleKind(person, kinds.person).fingerprinted
  assert.deepEqual(
    [attributes.includes('tags'), attributes.includes('stage'), attributes.includes('custom12')],
    [true, false, true],
  )
  assert.ok(links.includes('stage'))
})

test('a database that lacks columns changes no fingerprint: a poller does not know it', () => {
  const settled = settleKind(organisation)
  const { kind, absent } = fitToDatabase(settled, new Map())
  assert.ok(absent.includes('industry'))
  assert.deepEqual(kind.fingerprinted, settled.fingerprinted)
})

// prettier-ignore
const creating: readonly { readonly says: string; readonly createInWorkbooks: NonNullable<KindConfig['createInWorkbooks']>; readonly lists: unknown }[] = [
  { says: 'both lists, where other things are asked of accounts', createInWorkbooks: { when: [{ attribute: 'industry', is: ['Food'] }] }, lists: [{}, { named: 'false' }] },
  { says: 'no unnamed ones, where they must be named', createInWorkbooks: { when: [{ attribute: 'named', is: [true] }] }, lists: [{}] },
  { says: 'none, where none is created', createInWorkbooks: false, lists: [] },
]

test.each(creating)('old accounts that are brought: $says', ({ createInWorkbooks, lists }) => {
  assert.deepEqual(pollingOf(organisation, { createInWorkbooks }).createsFrom, lists)
})

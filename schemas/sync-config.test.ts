import assert from 'node:assert/strict'
import { test } from 'vitest'
import { readSyncConfig } from './sync-config.ts'

const documented = {
  $schema: './schemas/sync-config.schema.json',
  kinds: {
    organisation: {
      enabled: true,
      matching: 'flag',
      createInOutreach: true,
      createInWorkbooks: { when: [{ attribute: 'named', is: [true] }] },
      onDelete: 'close',
      columns: { syncToOutreach: 'cf_organisation_sync_to_outreach', outreachErrorMessage: null },
      fields: [
        {
          workbooks: 'name',
          outreach: 'name',
          direction: 'both',
          onConflict: 'latest',
          onLink: 'workbooks',
        },
        { workbooks: 'cf_organisation_tier', outreach: 'custom7', direction: 'both' },
        { workbooks: 'biography', enabled: false },
      ],
    },
  },
  owner: { match: 'username', users: { 'Amy Archer': 'amy.archer@example.com' } },
  opportunityStages: { Prospect: '1 - Qualify' },
  taskTypes: { 'To-do': 'action_item', 'Phone call': 'call', Email: 'email', Meeting: 'in_person' },
}

const withFields = (kind: string, ...fields: readonly object[]) => ({
  kinds: { [kind]: { fields } },
})

function mistakesIn(json: unknown): readonly string[] {
  const read = readSyncConfig(json)
  return read.kind === 'mistakes' ? read.mistakes : []
}

test('the documented example is taken as it stands', () => {
  assert.deepEqual(readSyncConfig(documented), { kind: 'ok', config: documented })
})

test('an empty file takes every default', () => {
  assert.deepEqual(readSyncConfig({}), { kind: 'ok', config: {} })
})

test('the default mapping itself could stand in the file', () => {
  const fields = {
    organisation: [
      ['website', 'websiteUrl'],
      ['main_location[town]', 'locality'],
      ['queue_entry[queue[name]]', 'owner'],
    ],
    person: [
      ['main_location[email]', 'emails[0]'],
      ['no_email_soliciting', 'emailOptedOut'],
      ['employer_link', 'account'],
    ],
    opportunity: [
      ['party_id', 'account'],
      ['opportunity_stage[name]', 'opportunityStage'],
      ['opportunity_contact_ids', 'opportunityProspectRole'],
    ],
    task: [
      ['activity_status', 'state'],
      ['primary_contact_id', 'subject'],
      ['activity_type', 'action'],
    ],
  }
  for (const [kind, rows] of Object.entries(fields)) {
    const entries = rows.map(([workbooks, outreach]) => ({ workbooks, outreach }))
    assert.deepEqual(mistakesIn(withFields(kind, ...entries)), [])
  }
})

// prettier-ignore
test.each([
  [{ kinds: { organisaton: {} } }, 'kinds.organisaton: found a key that is not known; allowed: organisation, person, opportunity, task'],
  [{ kinds: { person: { enabled: 'yes' } } }, 'kinds.person.enabled: found "yes"; allowed: true or false'],
  [{ kinds: { task: { matching: 'merge' } } }, 'kinds.task.matching: found "merge"; allowed: "flag", "link"'],
  [{ kinds: { task: { createInWorkbooks: 'no' } } }, 'kinds.task.createInWorkbooks: found "no"; allowed: true or false or an object { ... }'],
  [{ kinds: { person: { columns: { outreachId: null } } } }, 'kinds.person.columns.outreachId: found null; allowed: a text'],
  [{ kinds: { organisation: { columns: { sequenceState: 'x' } } } }, 'kinds.organisation.columns.sequenceState: found a key that is not known; allowed: syncToOutreach, outreachSyncError, outreachDuplicate, outreachId, outreachUrl, outreachErrorMessage'],
  [{ taskTypes: { Fax: 'fax' } }, 'taskTypes.Fax: found "fax"; allowed: "action_item", "call", "email", "in_person"'],
  [{ owner: [] }, 'owner: found []; allowed: an object { ... }'],
  [[], 'the file: found []; allowed: an object { ... }'],
  [withFields('person', { workbooks: 'a' }), 'kinds.person.fields[0].outreach: found nothing; allowed: outreach must be given here'],
  [withFields('person', { outreach: 'title' }), 'kinds.person.fields[0].workbooks: found nothing; allowed: workbooks must be given here'],
  [withFields('person', { workbooks: 'a', outreach: 'acount' }), 'kinds.person.fields[0].outreach: found "acount"; allowed: an attribute or to-one relationship of an Outreach prospect (outreach/attributes.json), perhaps account'],
  [withFields('person', { workbooks: 'a', outreach: 'name' }), 'kinds.person.fields[0].outreach: found "name", which Outreach does not let anybody write; allowed: "direction": "receive", or another attribute'],
  [withFields('person', { workbooks: 'a', outreach: 'emails' }), 'kinds.person.fields[0].outreach: found "emails", which is a list; allowed: "emails[0]"'],
  [withFields('person', { workbooks: 'a', outreach: 'title' }, { workbooks: 'a', outreach: 'nickname' }), 'kinds.person.fields[1].workbooks: found "a" a second time; allowed: each column once (it stands in fields[0])'],
])('a mistake says where, what was found and what is allowed: %j', (json, mistake) => {
  assert.deepEqual(mistakesIn(json), [mistake])
})

test('all mistakes are told at once', () => {
  const json = {
    kind: {},
    ...withFields('person', { workbooks: '', outreach: 'nme', direction: 'up' }),
  }
  assert.equal(mistakesIn(json).length, 4)
})

test('a read-only attribute may be received', () => {
  const entry = { workbooks: 'cf_person_opens', outreach: 'openCount', direction: 'receive' }
  assert.deepEqual(mistakesIn(withFields('person', entry)), [])
})

import { toText } from '../fields/record-values.ts'
import type { KindDefinition } from './kind.ts'

/** Organisation and account (mapping.md sections 1 and 2, rulebook 4: matched by name). */
export const organisation: KindDefinition = {
  name: 'organisation',
  workbooks: {
    type: 'organisation',
    controller: 'crm/organisations',
    className: 'Private::Crm::Organisation',
    queues: 'crm/organisation_queues',
  },
  outreach: { type: 'account', webPath: 'accounts' },
  isParent: true,
  columns: {
    syncToOutreach: 'cf_organisation_sync_to_outreach',
    outreachSyncError: 'cf_organisation_outreach_sync_error',
    outreachDuplicate: 'cf_organisation_outreach_duplicate',
    outreachId: 'cf_organisation_outreach_id',
    outreachUrl: 'cf_organisation_outreach_url',
    outreachErrorMessage: 'cf_organisation_outreach_error_message',
  },
  policy: {
    enabled: true,
    matching: 'flag',
    createInOutreach: true,
    // Unnamed accounts are made by Outreach itself, from e-mail domains.
    createInWorkbooks: [{ attribute: 'named', is: [true] }],
    onDelete: 'close',
  },
  fields: [
    { workbooks: 'name', outreach: 'name' },
    { workbooks: 'website', outreach: 'websiteUrl' },
    { workbooks: 'industry', outreach: 'industry' },
    { workbooks: 'organisation_num_employees', outreach: 'numberOfEmployees' },
    { workbooks: 'main_location[town]', outreach: 'locality' },
    { workbooks: 'linkedin_url', outreach: 'linkedInUrl' },
    { workbooks: 'biography', outreach: 'description' },
    { workbooks: 'queue_entry[queue[name]]', outreach: 'owner', owner: true },
  ],
  reference: 'customId',
  // Accounts that Outreach made itself are in no list but this one (outreach-api 3.4).
  alsoPolled: [{ kind: 'more', filter: { named: 'false' }, every: 10 }],
  matchingFor: () => ({
    by: 'name',
    keysOfWorkbooks: ({ columns }) => toKeys(columns['name']),
    keysOfOutreach: ({ attributes }) => toKeys(attributes['name']),
    // The list shows named accounts only, unless it is asked for the others (outreach-api 3.4).
    queriesFor: (name) => [{ filter: { name } }, { filter: { name, named: 'false' } }],
    columns: ['name'],
  }),
}

function toKeys(raw: unknown): readonly string[] {
  const text = toText(raw)
  return text === undefined ? [] : [text]
}

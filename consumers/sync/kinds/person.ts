import type { Field } from '../fields/field.ts'
import { toText } from '../fields/record-values.ts'
import { isList } from '../fields/value.ts'
import type { Entailed, KindDefinition } from './kind.ts'

/** Person and prospect (mapping.md sections 1 and 2, rulebook 4: matched by any e-mail address). */
export const person: KindDefinition = {
  name: 'person',
  workbooks: {
    type: 'person',
    controller: 'crm/people',
    className: 'Private::Crm::Person',
    queues: 'crm/person_queues',
  },
  outreach: { type: 'prospect', webPath: 'prospects' },
  isParent: true,
  isMember: true,
  columns: {
    syncToOutreach: 'cf_person_sync_to_outreach',
    outreachSyncError: 'cf_person_outreach_sync_error',
    outreachDuplicate: 'cf_person_outreach_duplicate',
    outreachId: 'cf_person_outreach_id',
    outreachUrl: 'cf_person_outreach_url',
    outreachErrorMessage: 'cf_person_outreach_error_message',
    sequenceState: 'cf_person_sequence_state',
  },
  policy: {
    enabled: true,
    matching: 'flag',
    createInOutreach: true,
    createInWorkbooks: [],
    onDelete: 'close',
  },
  fields: [
    { workbooks: 'person_first_name', outreach: 'firstName' },
    { workbooks: 'person_middle_name', outreach: 'middleName' },
    { workbooks: 'person_last_name', outreach: 'lastName' },
    { workbooks: 'person_job_title', outreach: 'title' },
    { workbooks: 'main_location[email]', outreach: 'emails[0]' },
    { workbooks: 'main_location[telephone]', outreach: 'workPhones[0]' },
    { workbooks: 'main_location[mobile]', outreach: 'mobilePhones[0]' },
    { workbooks: 'main_location[street_address]', outreach: 'addressStreet' },
    { workbooks: 'main_location[town]', outreach: 'addressCity' },
    { workbooks: 'main_location[county_province_state]', outreach: 'addressState' },
    { workbooks: 'main_location[postcode]', outreach: 'addressZip' },
    { workbooks: 'main_location[country]', outreach: 'addressCountry' },
    { workbooks: 'website', outreach: 'websiteUrl1' },
    { workbooks: 'linkedin_url', outreach: 'linkedInUrl' },
    { workbooks: 'twitter_url', outreach: 'twitterUrl' },
    { workbooks: 'no_email_soliciting', outreach: 'optedOut' },
    { workbooks: 'employer_link', outreach: 'account' },
    { workbooks: 'queue_entry[queue[name]]', outreach: 'owner' },
  ],
  reference: 'externalId',
  alsoPolled: [
    {
      ...{ kind: 'parts', type: 'emailAddress', link: 'prospect', oauthOnly: true, every: 10 },
      ...{ attributes: ['email', 'emailType', 'order'], links: ['prospect'], makes: ['emails'] },
    },
    {
      ...{ kind: 'parts', type: 'phoneNumber', link: 'prospect', oauthOnly: true, every: 10 },
      ...{ attributes: ['number', 'phoneType', 'order'], links: ['prospect'] },
      makes: ['workPhones', 'homePhones', 'mobilePhones', 'otherPhones', 'voipPhones'],
    },
  ],
  matchingFor: (fields) => {
    const columns = fields.filter(isEmail).map(({ workbooks }) => workbooks)
    return {
      by: 'e-mail',
      columns,
      keysOfWorkbooks: (record) => columns.flatMap((name) => toAddresses(record.columns[name])),
      keysOfOutreach: ({ attributes }) => toAddresses(attributes['emails']),
      queriesFor: (email) => [{ filter: { emails: email } }],
      queriesForLost: (sent, since) => {
        const emails = columns.flatMap((name) => toAddresses(sent[name]))
        if (emails.length > 0) return emails.map((email) => ({ filter: { emails: email } }))
        const names = toNames(fields, sent)
        return [{ filter: { ...names, createdAt: `${since}..inf` } }]
      },
    }
  },
  // Whether Workbooks derives it from the parts is not known (workbooks-api 7.2).
  columnsToCreate: ({ attributes }) => ({
    name: toText(attributes['name']) ?? toAddresses(attributes['emails'])[0] ?? 'Unnamed prospect',
  }),
  entailedColumns: ({ o, before, columns }) => {
    const { sequenceState = null } = columns
    return sequenceState !== null && hasOptedOut(o) && !hasOptedOut(before)
      ? { [sequenceState]: 'Opted Out' }
      : {}
  },
}

/** A column of the mapping that holds an e-mail address (rulebook 4). */
function isEmail({ workbooks, outreach, form }: Field): boolean {
  return outreach === 'emails' || (form === 'text' && /email/i.test(workbooks))
}

function toAddresses(raw: unknown): readonly string[] {
  const all: readonly unknown[] = Array.isArray(raw) ? raw : [raw]
  return all.flatMap((one) => toText(one) ?? []).filter((text) => text.includes('@'))
}

/** What can be filtered of a name. */
function toNames(fields: readonly Field[], sent: Entailed['o']): Readonly<Record<string, string>> {
  const names = fields.flatMap(({ workbooks, outreach }) => {
    const text = ['firstName', 'lastName'].includes(outreach) ? toText(sent[workbooks]) : undefined
    return text === undefined ? [] : [[outreach, text] as const]
  })
  return Object.fromEntries(names)
}

function hasOptedOut(values: Entailed['o']): boolean {
  return Object.values(values).some((value) => isList(value) && value.includes('optedOut'))
}

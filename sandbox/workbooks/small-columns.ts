import { derivedColumn, locationColumns, storedColumn, storedColumns } from './column.ts'
import type { Column } from './column.ts'

const name = storedColumn('name', 'string', { isRequired: true })

export const queueColumns: readonly Column[] = [name, storedColumn('queue_type', 'string')]

export const stageColumns: readonly Column[] = [name, storedColumn('probability', 'integer')]

export const noteColumns: readonly Column[] = [
  storedColumn('resource_id', 'has_one', { isRequired: true }),
  storedColumn('resource_type', 'string', { isRequired: true }),
  storedColumn('subject', 'string'),
  storedColumn('text', 'text'),
]

export const activityLinkColumns: readonly Column[] = [
  storedColumn('activity_id', 'has_one', {
    isRequired: true,
    linksTo: ['activity/tasks', 'activity/meetings'],
  }),
  storedColumn('activity_type', 'string', { isRequired: true }),
  storedColumn('resource_id', 'has_one', { isRequired: true }),
  storedColumn('resource_type', 'string', { isRequired: true }),
]

export const relatedItemColumns: readonly Column[] = storedColumns(
  'string',
  'source_id source_type related_item_id related_item_type',
)

export const partyLocationColumns: readonly Column[] = [
  storedColumn('party_id', 'has_one', { linksTo: ['crm/organisations', 'crm/people'] }),
  ...storedColumns(
    'string',
    'location_name email alternate_email telephone alternate_telephone mobile fax country county_province_state postcode street_address town',
  ),
  ...storedColumns('boolean', 'preferred_billing preferred_shipping'),
]

export const salesLeadColumns: readonly Column[] = [
  derivedColumn('name', 'string', (row) => row.values['person_lead_party[name]'] ?? null),
  ...storedColumns('string', 'lead_source_type record_state'),
  ...['org_lead_party', 'person_lead_party'].flatMap((party) => [
    ...storedColumns('string', `${party}[name] ${party}[website]`),
    ...locationColumns('main_location', null).map(({ name: part }) =>
      storedColumn(`${party}[${part}]`, 'string'),
    ),
  ]),
  ...storedColumns(
    'string',
    'person_lead_party[person_first_name] person_lead_party[person_last_name] person_lead_party[person_job_title]',
  ),
]

export const caseColumns: readonly Column[] = [
  name,
  storedColumn('description', 'text'),
  ...storedColumns('string', 'record_state case_source_type priority status'),
  storedColumn('primary_contact_id', 'has_one'),
  storedColumn('primary_contact_type', 'string'),
]

export const campaignColumns: readonly Column[] = [
  name,
  ...storedColumns('date', 'start_date end_date'),
  ...storedColumns('currency', 'budget cost_adjustment target_revenue'),
  ...storedColumns('string', 'status category'),
  storedColumn('goals', 'text'),
]

const campaignId = storedColumn('marketing_campaign_id', 'has_one', {
  isRequired: true,
  linksTo: ['crm/campaigns'],
})

export const campaignStatusColumns: readonly Column[] = [
  campaignId,
  storedColumn('status', 'string', { isRequired: true }),
  derivedColumn('name', 'string', (row) => row.values['status'] ?? null),
]

export const campaignMemberColumns: readonly Column[] = [
  campaignId,
  storedColumn('campaign_membership_status_id', 'has_one', {
    linksTo: ['crm/campaign_membership_status'],
  }),
  storedColumn('party_or_lead_id', 'has_one'),
  ...storedColumns('string', 'party_or_lead_type member_name'),
]

export const apiDataColumns: readonly Column[] = [
  storedColumn('key', 'string', { isRequired: true }),
  storedColumn('key2', 'string'),
  storedColumn('value', 'text'),
]

export const customFieldColumns: readonly Column[] = [
  storedColumn('title', 'string', { isRequired: true }),
  storedColumn('resource_type', 'string', { isRequired: true }),
  storedColumn('data_type', 'string', { isRequired: true }),
  ...storedColumns('string', 'value_column_name status'),
  ...storedColumns('text', 'description linked_url'),
  ...storedColumns('integer', 'picklist_id decimal_places default_height min_height'),
  ...storedColumns(
    'boolean',
    'is_searchable is_indexed is_mandatory show_on_tab will_modify_record',
  ),
]

export const picklistColumns: readonly Column[] = [name, storedColumn('description', 'text')]

export const picklistEntryColumns: readonly Column[] = [
  storedColumn('picklist_id', 'has_one', { isRequired: true, linksTo: ['admin/picklists'] }),
  storedColumn('value', 'string', { isRequired: true }),
  storedColumn('display_order', 'integer'),
]

export const webhookSubscriptionColumns: readonly Column[] = [
  name,
  storedColumn('description', 'text'),
  storedColumn('callback_url', 'uri', { isRequired: true }),
  storedColumn('enabled', 'boolean'),
  storedColumn('trigger_id', 'integer', { isRequired: true }),
  derivedColumn('secret_key', 'string', (row) => row.values['secret_key'] ?? null),
]

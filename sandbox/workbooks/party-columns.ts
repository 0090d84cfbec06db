import { derivedColumn, locationColumns, storedColumn, storedColumns } from './column.ts'
import type { Column } from './column.ts'
import type { Lookup, Row } from './row.ts'

const partyColumns: readonly Column[] = [
  storedColumn('name', 'string', { isRequired: true }),
  ...locationColumns('main_location', null),
  storedColumn('main_location[email_address_undeliverable]', 'boolean'),
  derivedColumn('main_location_id', 'integer', (row) => row.id * 2 + 1),
  storedColumn('industry', 'string', { picklist: 'Industry' }),
  ...storedColumns(
    'boolean',
    'no_email_soliciting no_phone_soliciting no_post_soliciting email_opt_in gdpr_compliant sync_with_mailer',
  ),
  ...storedColumns(
    'uri',
    'website linkedin_url twitter_url facebook_url image_url logo_url photo_url',
  ),
  ...storedColumns('text', 'biography party_notes special_requirements'),
  ...storedColumns(
    'string',
    'alternate_names categories compliance_channels compliance_special_categories lead_source_type preferred_language skype_name',
  ),
  storedColumn('organisation_annual_revenue', 'currency'),
  storedColumn('organisation_num_employees', 'integer'),
  storedColumn('marketing_campaign_id', 'has_one', { linksTo: ['crm/campaigns'] }),
  derivedColumn(
    'marketing_campaign[name]',
    'string',
    (row, lookup) =>
      lookup.row('crm/campaigns', row.values['marketing_campaign_id'])?.values['name'] ?? null,
  ),
  storedColumn('mailchimp_last_synchronised_at', 'datetime'),
]

export const organisationColumns: readonly Column[] = [
  ...partyColumns,
  derivedColumn('descriptor', 'string', (row) => row.values['name'] ?? null),
  ...storedColumns(
    'string',
    'organisation_category organisation_company_number organisation_vat_number currency',
  ),
  storedColumn('refcode', 'string', { isUnique: true }),
]

const employerName = (row: Row, lookup: Lookup) =>
  lookup.row('crm/organisations', row.values['employer_link'])?.values['name'] ??
  row.values['employer_name'] ??
  null

const descriptorOf = (row: Row, lookup: Lookup): string => {
  const employer = employerName(row, lookup)
  const name = String(row.values['name'] ?? '')
  return typeof employer === 'string' ? `${name} (${employer})` : name
}

export const personColumns: readonly Column[] = [
  ...partyColumns,
  ...locationColumns('home_location', ''),
  derivedColumn('descriptor', 'string', descriptorOf),
  ...storedColumns(
    'string',
    'person_first_name person_middle_name person_last_name person_job_role person_job_title person_personal_title person_salutation person_suffix',
  ),
  ...storedColumns('string', 'assistant_name assistant_phone spouse_name'),
  storedColumn('employer_link', 'has_one', { linksTo: ['crm/organisations'] }),
  storedColumn('employer_name', 'string', { read: employerName }),
  { ...derivedColumn('employer[name]', 'string', employerName), isListed: false },
  storedColumn('_link_or_create_employer', 'boolean', { read: () => null, write: () => ({}) }),
]

import { derivedColumn, storedColumn, storedColumns } from './column.ts'
import type { Column } from './column.ts'
import type { Lookup, Row, Stored } from './row.ts'

const parties = ['crm/organisations', 'crm/people']

const partyName = (row: Row, lookup: Lookup): Stored =>
  parties
    .map((controller) => lookup.row(controller, row.values['party_id']))
    .find((party) => party !== undefined)?.values['name'] ?? null

const currencyOf = (row: Row): string => {
  const currency = row.values['document_currency'] ?? row.values['home_currency']
  return typeof currency === 'string' && currency !== '' ? currency : 'GBP'
}

/** Line items drive it (workbooks-api 7.4); flag 3: neither code nor amount can be written. */
const worth =
  (share: (row: Row) => number) =>
  (row: Row): Stored =>
    `${((Number(row.values['net_value'] ?? 0) || 0) * share(row)).toFixed(2)} ${currencyOf(row)} 3`

const whole = (): number => 1
const weighted = (row: Row): number => Number(row.values['probability'] ?? 0) / 100

const stages = 'crm/opportunity_stages'

/** Stage names are written as `opportunity_stage[name]`; whether the real column is that one is unknown (workbooks-api 7.4). */
export const opportunityColumns: readonly Column[] = [
  storedColumn('description', 'string'),
  ...storedColumns('text', 'comment'),
  ...storedColumns('string', 'fao document_currency home_currency customer_order_ref'),
  storedColumn('document_date', 'date'),
  storedColumn('close_date', 'date'),
  storedColumn('probability', 'integer', { initial: 0 }),
  storedColumn('opportunity_stage_id', 'has_one', { linksTo: [stages] }),
  storedColumn('opportunity_stage[name]', 'string', {
    picklist: 'Opportunity Stage',
    read: (row, lookup) =>
      lookup.row(stages, row.values['opportunity_stage_id'])?.values['name'] ?? null,
  }),
  storedColumn('party_id', 'has_one', { linksTo: parties }),
  derivedColumn('party_name', 'string', partyName),
  { ...derivedColumn('party[name]', 'string', partyName), isListed: false },
  storedColumn('opportunity_contact_ids', 'array', {
    linksTo: parties,
    read: (row) => row.values['opportunity_contact_ids'] ?? [],
  }),
  storedColumn('opportunity_contact_roles', 'array', {
    read: (row) => row.values['opportunity_contact_roles'] ?? [],
  }),
  derivedColumn('descriptor', 'string', (row) => row.values['description'] ?? null),
  ...['document_currency_net_value', 'home_currency_net_value'].map((name) =>
    derivedColumn(name, 'currency', worth(whole)),
  ),
  ...['document_currency_weighted_value', 'home_currency_weighted_value'].map((name) =>
    derivedColumn(name, 'currency', worth(weighted)),
  ),
]

const pounds = (amount: Stored | undefined): number => Number.parseFloat(String(amount ?? 0)) || 0

/** What one line adds to its document. */
export const lineValue = (row: Row): number =>
  pounds(row.values['document_currency_unit_price_value']) * pounds(row.values['unit_quantity'])

export const lineItemColumns: readonly Column[] = [
  storedColumn('document_header_id', 'has_one', {
    isRequired: true,
    linksTo: ['crm/opportunities'],
  }),
  ...storedColumns('string', 'description document_currency home_currency'),
  storedColumn('unit_quantity', 'decimal', { initial: '1' }),
  storedColumn('document_currency_unit_price_value', 'currency'),
  derivedColumn(
    'document_currency_net_value',
    'currency',
    (row) => `${lineValue(row).toFixed(2)} ${currencyOf(row)} 3`,
  ),
]

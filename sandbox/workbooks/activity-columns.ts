import { derivedColumn, storedColumn, storedColumns } from './column.ts'
import type { Column } from './column.ts'
import type { Row, Stored } from './row.ts'

const secondsOf = (moment: Stored): number => Math.floor(Date.parse(String(moment)) / 1000)

/** The user's preferred time of day, which a date without a time gets (workbooks-api 7.5). */
const preferredTime = 'T17:00:00Z'

const asDate = (moment: Stored): Stored => (typeof moment === 'string' ? moment.slice(0, 10) : null)

const asEpoch = (moment: Stored): Stored =>
  typeof moment === 'string'
    ? secondsOf(moment.length > 10 ? moment : `${moment}${preferredTime}`)
    : null

const isoOf = (value: Stored): Stored =>
  typeof value === 'number' ? `${new Date(value * 1000).toISOString().slice(0, 19)}Z` : value

/** One moment under three names: `due`, `due_date`, `due_datetime`. */
const momentColumns = (name: string): readonly Column[] => {
  const read = (row: Row): Stored => row.values[name] ?? null
  return [
    storedColumn(name, 'var_date_time'),
    storedColumn(`${name}_date`, 'date', {
      read: (row) => asDate(read(row)),
      write: (value) => ({ [name]: value }),
    }),
    storedColumn(`${name}_datetime`, 'datetime', {
      read: (row) => asEpoch(read(row)),
      write: (value) => ({ [name]: isoOf(value) }),
    }),
  ]
}

const scheduledColumns = (name: string): readonly Column[] => {
  const read = (row: Row): Stored => row.values[name] ?? row.values['due'] ?? null
  return [
    derivedColumn(`scheduled_${name}`, 'var_date_time', read),
    derivedColumn(`scheduled_${name}_date`, 'date', (row) => asDate(read(row))),
    derivedColumn(`scheduled_${name}_datetime`, 'datetime', (row) => asEpoch(read(row))),
  ]
}

const momentNames = ['due', 'start', 'finish', 'started', 'completed']

const durationOf = (row: Row): Stored => {
  const { start, finish } = row.values
  if (typeof start !== 'string' || typeof finish !== 'string') return 0
  return Math.max(0, secondsOf(finish) - secondsOf(start))
}

const contacts = ['crm/people', 'crm/organisations', 'crm/sales_leads']

export const activityColumns: readonly Column[] = [
  storedColumn('name', 'string', { isRequired: true }),
  storedColumn('description', 'text'),
  derivedColumn('descriptor', 'string', (row) => row.values['name'] ?? null),
  storedColumn('activity_type', 'string', { picklist: 'Activity Type', initial: 'To-do' }),
  storedColumn('activity_status', 'string', { picklist: 'Activity Status', initial: 'New' }),
  storedColumn('activity_priority', 'string', { picklist: 'Priority', initial: 'Medium' }),
  storedColumn('primary_contact_id', 'has_one', { linksTo: contacts }),
  storedColumn('primary_contact_type', 'string'),
  derivedColumn(
    'primary_contact_name',
    'string',
    (row, lookup) =>
      contacts
        .map((controller) => lookup.row(controller, row.values['primary_contact_id']))
        .find((contact) => contact !== undefined)?.values['name'] ?? null,
  ),
  ...momentNames.flatMap(momentColumns),
  ...['start', 'finish'].flatMap(scheduledColumns),
  derivedColumn('duration', 'integer', durationOf),
  ...storedColumns('boolean', 'all_day reminder_enabled'),
  storedColumn('reminder_datetime', 'datetime'),
  storedColumn('reminder_minutes', 'integer'),
]

/** An all-day activity loses its times (workbooks-api 7.5). */
export const withoutTimes = (row: Row): Row => {
  if (row.values['all_day'] !== true) return row
  const dates = momentNames.map((name) => [name, asDate(row.values[name] ?? null)] as const)
  return { ...row, values: { ...row.values, ...Object.fromEntries(dates) } }
}

import type { Behaviour } from './behaviour.ts'
import type { Transaction } from './database.ts'
import { lineValue } from './opportunity-columns.ts'
import { resources } from './resources.ts'
import type { Author, Row, Stored, Values } from './row.ts'

export type EffectContext = {
  readonly tx: Transaction
  readonly author: Author
  /** Epoch seconds. */
  readonly now: number
  readonly behaviour: Behaviour
  readonly newSecret: () => string
}

type Effect = (row: Row, before: Row | undefined, context: EffectContext) => void

const newRow = (controller: string, values: Values, context: EffectContext): void => {
  const { tx, author, now } = context
  tx.put(controller, {
    id: tx.nextId(controller),
    lockVersion: 0,
    ref: tx.nextRef(controller),
    createdAt: now,
    createdBy: author.userId,
    createdThrough: author.application,
    updatedAt: now,
    updatedBy: author.userId,
    isDeleted: false,
    values,
  })
}

const removeAll = (
  controller: string,
  belongs: (row: Row) => boolean,
  { tx, author, now }: EffectContext,
): void => {
  for (const row of tx.rows(controller))
    if (!row.isDeleted && belongs(row))
      tx.put(controller, { ...row, isDeleted: true, updatedAt: now, updatedBy: author.userId })
}

/** Line items drive the value of their opportunity, and touch it (workbooks-api 3.4, 7.4). */
const sumLines: Effect = (line, _before, context) => {
  const { tx, behaviour } = context
  const header = tx.row('crm/opportunities', Number(line.values['document_header_id']))
  if (!header) return
  const total = tx
    .rows('crm/opportunity_line_items')
    .filter((one) => !one.isDeleted && one.values['document_header_id'] === header.id)
    .reduce((sum, one) => sum + lineValue(one), 0)
  const values = { ...header.values, net_value: total }
  tx.put(
    'crm/opportunities',
    behaviour.lineItemsTouchHeader
      ? {
          ...header,
          values,
          lockVersion: header.lockVersion + 1,
          updatedAt: context.now,
          updatedBy: context.author.userId,
        }
      : { ...header, values },
  )
}

const slug = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_|_$/g, '')

const recordWord = (className: Stored): string =>
  String(className)
    .replace(/.*::/, '')
    .replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`)
    .toLowerCase()

/** Names the column of a new custom field; a title that is taken gets a number (workbooks-api 7.7). */
const nameColumn: Effect = (field, before, { tx }) => {
  if (before || typeof field.values['value_column_name'] === 'string') return
  const type = field.values['resource_type'] ?? ''
  const plain = `cf_${recordWord(type)}_${slug(String(field.values['title']))}`
  const isTaken = tx
    .rows('admin/custom_fields')
    .some((one) => one.id !== field.id && one.values['value_column_name'] === plain)
  const name = isTaken ? `${plain}_${field.id}` : plain
  tx.put('admin/custom_fields', {
    ...field,
    values: { ...field.values, value_column_name: name, status: 'Available' },
  })
}

const giveSecret: Effect = (subscription, before, { tx, newSecret }) => {
  if (before || typeof subscription.values['secret_key'] === 'string') return
  tx.put('admin/triggers/webhook_subscriptions', {
    ...subscription,
    values: { ...subscription.values, secret_key: newSecret() },
  })
}

const addStatuses: Effect = (campaign, before, context) => {
  if (before) return
  for (const status of ['Invited', 'Interested', 'Not Interested'])
    newRow(
      'crm/campaign_membership_status',
      { status, marketing_campaign_id: campaign.id },
      context,
    )
}

const effects: Readonly<Record<string, Effect>> = {
  'crm/opportunity_line_items': sumLines,
  'admin/custom_fields': nameColumn,
  'admin/triggers/webhook_subscriptions': giveSecret,
  'crm/campaigns': addStatuses,
}

/** A deleted record takes its notes, comments and lines with it (workbooks-api 5.4). */
const removeChildren = (controller: string, row: Row, context: EffectContext): void => {
  const className = resources.find((one) => one.controller === controller)?.className
  for (const child of ['notes', 'comments'])
    removeAll(
      child,
      ({ values }) => values['resource_id'] === row.id && values['resource_type'] === className,
      context,
    )
  if (controller === 'crm/opportunities')
    removeAll(
      'crm/opportunity_line_items',
      ({ values }) => values['document_header_id'] === row.id,
      context,
    )
}

/** What else changes in the same transaction because this row did. */
export const applyEffects = (
  change: { readonly controller: string; readonly row: Row; readonly before: Row | undefined },
  context: EffectContext,
): void => {
  effects[change.controller]?.(change.row, change.before, context)
  if (change.row.isDeleted) removeChildren(change.controller, change.row, context)
}

import type { Database, Transaction } from './database.ts'
import { resources } from './resources.ts'
import type { Author, Values } from './row.ts'

export type SeedOptions = {
  readonly queues: readonly string[]
  readonly stages: readonly string[]
  /** Native webhook subscriptions that exist from the start; at most one of a trigger. */
  readonly subscriptions: readonly {
    readonly url: string
    readonly secret: string
    readonly triggers: readonly number[]
  }[]
}

const system: Author = { userId: 1, application: 'Workbooks', door: 'desktop' }

type FieldSeed = readonly [suffix: string, title: string, dataType: string]

const flags: readonly FieldSeed[] = [
  ['sync_to_outreach', 'Sync to Outreach', 'boolean'],
  ['outreach_sync_error', 'Outreach Sync Error', 'boolean'],
  ['outreach_id', 'Outreach Id', 'string'],
  ['outreach_url', 'Outreach URL', 'string'],
]
const duplicate: readonly FieldSeed[] = [
  ['outreach_duplicate', 'Outreach Duplicate', 'boolean'],
  ['outreach_error_message', 'Outreach Error Message', 'text'],
]
const sequence: readonly FieldSeed[] = [
  ['sequence_state', 'Sequence State', 'picklist'],
  ['state_updated_at', 'State Updated at', 'datetime'],
  ['sequence_name', 'Sequence Name', 'string'],
  ['sequence_step', 'Sequence Step', 'integer'],
]

/** What the plug-in installs (mapping 1). */
const pluginFields: Readonly<Record<string, readonly FieldSeed[]>> = {
  organisation: [...flags, ...duplicate],
  person: [...flags, ...duplicate, ...sequence],
  opportunity: [...flags, ...duplicate],
  task: flags,
}

const picklists: Readonly<Record<string, readonly string[]>> = {
  Industry: ['Food', 'Media & Entertainment', 'Professional Services', 'Technology'],
  'Activity Type': ['To-do', 'Phone call', 'Email', 'Meeting'],
  'Activity Status': ['New', 'In Progress', 'Complete', 'Cancelled'],
  Priority: ['High', 'Medium', 'Low'],
}

const ensure =
  (tx: Transaction, now: number) =>
  (controller: string, key: readonly string[], values: Values): number => {
    const found = tx
      .rows(controller)
      .find((row) => key.every((name) => row.values[name] === values[name]))
    if (found) return found.id
    const id = tx.nextId(controller)
    tx.put(controller, {
      id,
      lockVersion: 0,
      ref: tx.nextRef(controller),
      createdAt: now,
      createdBy: system.userId,
      createdThrough: system.application,
      updatedAt: now,
      updatedBy: system.userId,
      isDeleted: false,
      values,
    })
    return id
  }

type Put = ReturnType<typeof ensure>

const putQueues = (put: Put, names: readonly string[]): void => {
  for (const controller of new Set(resources.flatMap(({ queues }) => queues ?? [])))
    for (const name of names)
      put(controller, ['name'], {
        name,
        queue_type: name === 'Unassigned' ? 'Unassigned' : 'Private',
      })
}

const putPicklists = (put: Put): void => {
  for (const [name, entries] of Object.entries(picklists)) {
    const picklist = put('admin/picklists', ['name'], { name })
    for (const [at, value] of entries.entries())
      put('admin/picklist_entries', ['picklist_id', 'value'], {
        picklist_id: picklist,
        value,
        display_order: at,
      })
  }
}

const putPluginFields = (put: Put): void => {
  for (const [word, fields] of Object.entries(pluginFields)) {
    const className = resources.find(({ hookName }) => hookName === word)?.className ?? word
    for (const [suffix, title, dataType] of fields)
      put('admin/custom_fields', ['value_column_name'], {
        value_column_name: `cf_${word}_${suffix}`,
        title,
        resource_type: className,
        data_type: dataType,
        status: 'Available',
      })
  }
}

/** A sandbox that was started again calls the address that it is given now. */
const putSubscriptions = (
  tx: Transaction,
  put: Put,
  subscriptions: SeedOptions['subscriptions'],
): void => {
  const controller = 'admin/triggers/webhook_subscriptions'
  for (const { url, secret, triggers } of subscriptions)
    for (const trigger of triggers) {
      const values = {
        name: `Sandbox trigger ${trigger}`,
        callback_url: url,
        secret_key: secret,
        trigger_id: trigger,
        enabled: true,
      }
      const row = tx.row(controller, put(controller, ['name'], values))
      if (row) tx.put(controller, { ...row, values })
    }
}

/** Puts into the database what a customer's administrator would have set up; what is there already stays. */
export const seedDatabase = (database: Database, options: SeedOptions, now: number): void => {
  const tx = database.begin()
  const put = ensure(tx, now)
  putQueues(put, options.queues)
  for (const [at, name] of options.stages.entries())
    put('crm/opportunity_stages', ['name'], { name, probability: at * 20 })
  putPicklists(put)
  putPluginFields(put)
  putSubscriptions(tx, put, options.subscriptions)
  tx.commit(system)
}

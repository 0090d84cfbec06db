import type { System } from './record-ref.ts'

type RecordTopicInfo = {
  readonly system: System
  /** As its system spells it; the middle part of the partition key and of the event type. */
  readonly type: string
  /** The documented last parts of the event type. Outreach may send others, which are kept too. */
  readonly actions: readonly string[]
}

const lifecycle = ['created', 'updated', 'destroyed'] as const
const hookEvents = ['created', 'updated', 'deleted'] as const

/** Topics about records of the two systems; their partition key is `<system>:<type>:<id>`. */
export const recordTopics = {
  'outreach.account': { system: 'outreach', type: 'account', actions: lifecycle },
  'outreach.prospect': { system: 'outreach', type: 'prospect', actions: lifecycle },
  'outreach.opportunity': { system: 'outreach', type: 'opportunity', actions: lifecycle },
  'outreach.opportunity-prospect-role': {
    system: 'outreach',
    type: 'opportunityProspectRole',
    actions: lifecycle,
  },
  'outreach.task': { system: 'outreach', type: 'task', actions: [...lifecycle, 'completed'] },
  'outreach.call': { system: 'outreach', type: 'call', actions: lifecycle },
  'outreach.mailing': {
    system: 'outreach',
    type: 'mailing',
    actions: [...lifecycle, 'bounced', 'delivered', 'opened', 'replied'],
  },
  'outreach.sequence': { system: 'outreach', type: 'sequence', actions: lifecycle },
  'outreach.sequence-state': {
    system: 'outreach',
    type: 'sequenceState',
    actions: [...lifecycle, 'advanced', 'finished'],
  },
  'outreach.user': { system: 'outreach', type: 'user', actions: ['created', 'updated'] },
  'workbooks.organisation': { system: 'workbooks', type: 'organisation', actions: hookEvents },
  'workbooks.person': { system: 'workbooks', type: 'person', actions: hookEvents },
  'workbooks.opportunity': { system: 'workbooks', type: 'opportunity', actions: hookEvents },
  'workbooks.task': { system: 'workbooks', type: 'task', actions: hookEvents },
} as const satisfies Record<string, RecordTopicInfo>

/** Topics that carry our own events; each has one event type, which is its name. */
export const ownTopics = [
  'sync.request',
  'sync.outcome',
  'sync.dead-letter',
  'gateway.quarantine',
] as const

export type RecordTopic = keyof typeof recordTopics
export type Topic = RecordTopic | (typeof ownTopics)[number]

/** Every topic of ours, without KAFKA_PREFIX. */
export const topics: readonly Topic[] = [
  'outreach.account',
  'outreach.prospect',
  'outreach.opportunity',
  'outreach.opportunity-prospect-role',
  'outreach.task',
  'outreach.call',
  'outreach.mailing',
  'outreach.sequence',
  'outreach.sequence-state',
  'outreach.user',
  'workbooks.organisation',
  'workbooks.person',
  'workbooks.opportunity',
  'workbooks.task',
  ...ownTopics,
]

/** Outreach's webhook resources that have a topic. `emailAddress` and `phoneNumber` speak for their prospect. */
export const topicOfOutreachResource: ReadonlyMap<string, RecordTopic> = new Map([
  ['account', 'outreach.account'],
  ['prospect', 'outreach.prospect'],
  ['opportunity', 'outreach.opportunity'],
  ['opportunityProspectRole', 'outreach.opportunity-prospect-role'],
  ['task', 'outreach.task'],
  ['call', 'outreach.call'],
  ['mailing', 'outreach.mailing'],
  ['sequence', 'outreach.sequence'],
  ['sequenceState', 'outreach.sequence-state'],
  ['user', 'outreach.user'],
])

/** Outreach resources that are a part of a prospect. */
export const prospectPartsOfOutreach: ReadonlySet<string> = new Set(['emailAddress', 'phoneNumber'])

/** Outreach resources that we know and have no topic for: counted, not quarantined. */
export const outreachWithoutTopic: ReadonlySet<string> = new Set([
  'import',
  'kaiaRecording',
  'install',
])

export const topicOfWorkbooksResource: ReadonlyMap<string, RecordTopic> = new Map([
  ['organisation', 'workbooks.organisation'],
  ['person', 'workbooks.person'],
  ['opportunity', 'workbooks.opportunity'],
  ['task', 'workbooks.task'],
])

/** What Workbooks' other native triggers send (workbooks-api 12.1): counted, not quarantined. */
export const workbooksWithoutTopic: ReadonlySet<string> = new Set([
  'api_data',
  'campaign',
  'case',
  'contract',
  'credit_note',
  'customer_order',
  'customer_quotation',
  'invoice',
  'lead',
  'marketing_campaign',
  'meeting',
  'online_activity',
  'order',
  'product',
  'purchase_order',
  'quotation',
  'sales_lead',
  'sales_order',
  'supplier_order',
])

/** The `dataschema` of a topic's events. */
export function toSchemaId(topic: Topic): string {
  return `urn:workbooks-outreach-gateway:${topic}:1`
}

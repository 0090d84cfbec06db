import { activityColumns } from './activity-columns.ts'
import type { Column } from './column.ts'
import { commonColumns } from './common-columns.ts'
import { lineItemColumns, opportunityColumns } from './opportunity-columns.ts'
import { organisationColumns, personColumns } from './party-columns.ts'
import * as small from './small-columns.ts'

/** One record type: where it is called, what it holds, and how it is announced. */
export type Resource = {
  readonly controller: string
  readonly className: string
  readonly refPrefix: string | undefined
  /** Record types of one sequence never share an id: a party id says by itself which record it is. */
  readonly sequence: string
  readonly firstLockVersion: number
  readonly queues: string | undefined
  readonly columns: readonly Column[]
  /** Name in our change hook. */
  readonly hookName: string | undefined
  /** Trigger id and wrapping name of the native "new record" webhook (workbooks-api 12.1). */
  readonly native: { readonly trigger: number; readonly name: string } | undefined
}

type Brief = Partial<Resource> & Pick<Resource, 'controller' | 'className' | 'columns'>

const toResource = (brief: Brief): Resource => {
  const whole = {
    refPrefix: undefined,
    sequence: brief.controller,
    firstLockVersion: 0,
    queues: undefined,
    hookName: undefined,
    native: undefined,
    ...brief,
  }
  return { ...whole, columns: [...commonColumns(whole), ...brief.columns] }
}

const records: readonly Brief[] = [
  {
    controller: 'crm/organisations',
    className: 'Private::Crm::Organisation',
    refPrefix: 'ORG',
    sequence: 'party',
    queues: 'crm/organisation_queues',
    columns: organisationColumns,
    hookName: 'organisation',
    native: { trigger: 3, name: 'organisation' },
  },
  {
    controller: 'crm/people',
    className: 'Private::Crm::Person',
    refPrefix: 'PERS',
    sequence: 'party',
    queues: 'crm/person_queues',
    columns: personColumns,
    hookName: 'person',
    native: { trigger: 1, name: 'person' },
  },
  {
    controller: 'crm/opportunities',
    className: 'Private::Crm::Opportunity',
    refPrefix: 'OPP',
    sequence: 'document',
    firstLockVersion: 1,
    queues: 'crm/opportunity_queues',
    columns: opportunityColumns,
    hookName: 'opportunity',
  },
  {
    controller: 'activity/tasks',
    className: 'Private::Activity::Task',
    refPrefix: 'TASK',
    sequence: 'activity',
    queues: 'activity/activity_queues',
    columns: activityColumns,
    hookName: 'task',
    native: { trigger: 9, name: 'task' },
  },
  {
    controller: 'activity/meetings',
    className: 'Private::Activity::Meeting',
    refPrefix: 'MEET',
    sequence: 'activity',
    queues: 'activity/activity_queues',
    columns: activityColumns,
    native: { trigger: 28, name: 'meeting' },
  },
  {
    controller: 'crm/sales_leads',
    className: 'Private::Crm::SalesLead',
    refPrefix: 'LEAD',
    columns: small.salesLeadColumns,
    native: { trigger: 5, name: 'sales_lead' },
  },
  {
    controller: 'crm/cases',
    className: 'Private::Crm::Case',
    refPrefix: 'CASE',
    queues: 'crm/case_queues',
    columns: small.caseColumns,
    native: { trigger: 7, name: 'case' },
  },
  {
    controller: 'crm/campaigns',
    className: 'Private::Crm::MarketingCampaign',
    refPrefix: 'CAMP',
    columns: small.campaignColumns,
    native: { trigger: 26, name: 'marketing_campaign' },
  },
  {
    controller: 'automation/api_data',
    className: 'Private::Automation::ApiData',
    columns: small.apiDataColumns,
    native: { trigger: 30, name: 'api_data' },
  },
]

const attachments: readonly (readonly [string, string, readonly Column[]])[] = [
  ['crm/opportunity_line_items', 'Private::Crm::OpportunityLineItem', lineItemColumns],
  // Controllers of stages and opportunity queues are guesses by analogy (workbooks-api 6).
  ['crm/opportunity_stages', 'Private::Crm::OpportunityStage', small.stageColumns],
  ['crm/organisation_queues', 'Private::Crm::OrganisationQueue', small.queueColumns],
  ['crm/person_queues', 'Private::Crm::PersonQueue', small.queueColumns],
  ['crm/opportunity_queues', 'Private::Crm::OpportunityQueue', small.queueColumns],
  ['crm/case_queues', 'Private::Crm::CaseQueue', small.queueColumns],
  ['activity/activity_queues', 'Private::Activity::ActivityQueue', small.queueColumns],
  ['activity/activity_links', 'Private::Activity::ActivityLink', small.activityLinkColumns],
  ['notes', 'Private::Note', small.noteColumns],
  ['comments', 'Private::Comment', small.noteColumns],
  ['related_items', 'Private::RelatedItem', small.relatedItemColumns],
  ['crm/party_locations', 'Private::Crm::PartyLocation', small.partyLocationColumns],
  [
    'crm/campaign_membership_status',
    'Private::Crm::CampaignMembershipStatus',
    small.campaignStatusColumns,
  ],
  ['crm/campaign_membership', 'Private::Crm::CampaignMembership', small.campaignMemberColumns],
  ['admin/custom_fields', 'Private::CustomField', small.customFieldColumns],
  ['admin/picklists', 'Private::Picklist', small.picklistColumns],
  ['admin/picklist_entries', 'Private::PicklistEntry', small.picklistEntryColumns],
  [
    'admin/triggers/webhook_subscriptions',
    'Private::Trigger::WebhookSubscription',
    small.webhookSubscriptionColumns,
  ],
]

export const resources: readonly Resource[] = [
  ...records,
  ...attachments.map(([controller, className, columns]) => ({ controller, className, columns })),
].map(toResource)

import type { KindDefinition } from './kind.ts'

/** Opportunity and opportunity (mapping.md sections 1 and 2, rulebook 4: created without a search). */
export const opportunity: KindDefinition = {
  name: 'opportunity',
  workbooks: {
    type: 'opportunity',
    controller: 'crm/opportunities',
    className: 'Private::Crm::Opportunity',
    queues: 'crm/opportunity_queues',
  },
  outreach: { type: 'opportunity', webPath: 'opportunities' },
  columns: {
    syncToOutreach: 'cf_opportunity_sync_to_outreach',
    outreachSyncError: 'cf_opportunity_outreach_sync_error',
    outreachDuplicate: 'cf_opportunity_outreach_duplicate',
    outreachId: 'cf_opportunity_outreach_id',
    outreachUrl: 'cf_opportunity_outreach_url',
    outreachErrorMessage: 'cf_opportunity_outreach_error_message',
  },
  duplicateStops: 'receiving',
  policy: {
    enabled: true,
    matching: 'flag',
    createInOutreach: true,
    createInWorkbooks: [],
    onDelete: 'close',
  },
  fields: [
    // It is the Workbooks opportunity's name (workbooks-api 7.4).
    { workbooks: 'description', outreach: 'name' },
    { workbooks: 'comment', outreach: 'description' },
    { workbooks: 'document_currency', outreach: 'currencyType' },
    // Line items drive it: Workbooks takes no amount (workbooks-api 7.4).
    {
      workbooks: 'document_currency_net_value',
      outreach: 'amount',
      form: 'money',
      direction: 'send',
    },
    { workbooks: 'probability', outreach: 'probability' },
    { workbooks: 'document_date', outreach: 'closeDate', form: 'date' },
    { workbooks: 'opportunity_stage[name]', outreach: 'opportunityStage' },
    { workbooks: 'party_id', outreach: 'account', isParty: true },
    {
      workbooks: 'opportunity_contact_ids',
      outreach: 'opportunityProspectRole',
      members: {
        rolesColumn: 'opportunity_contact_roles',
        ...{ kind: 'person', outreachType: 'prospect' },
        ...{ ownerLink: 'opportunity', memberLink: 'prospect' },
        ...{ roleAttribute: 'role', roleMaxLength: 255 },
      },
    },
    { workbooks: 'queue_entry[queue[name]]', outreach: 'owner' },
  ],
  reference: 'customId',
  // Nothing else is looked for: two opportunities may well have one name.
  matchingFor: () => ({
    by: 'reference',
    keysOfWorkbooks: () => [],
    keysOfOutreach: () => [],
    queriesFor: () => [],
    columns: [],
  }),
}

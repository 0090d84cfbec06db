const counters = Object.fromEntries(
  [
    'bounceCount',
    'clickCount',
    'deliverCount',
    'failureCount',
    'negativeReplyCount',
    'neutralReplyCount',
    'openCount',
    'optOutCount',
    'positiveReplyCount',
    'replyCount',
    'scheduleCount',
  ].map((name) => [name, 0]),
)

const columnDefaults: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  account: { named: false },
  mailing: { clickCount: 0, openCount: 0, trackLinks: false, trackOpens: false },
  opportunityProspectRole: { primary: false },
  opportunityStage: { isClosed: false },
  prospect: {
    callOptedOut: false,
    clickCount: 0,
    emailOptedOut: false,
    openCount: 0,
    optedOut: false,
    replyCount: 0,
    smsOptedOut: false,
  },
  sequence: {
    ...counters,
    finishOnReply: true,
    maxActivations: 150,
    primaryReplyAction: 'finish',
    scheduleIntervalType: 'calendar',
    secondaryReplyAction: 'finish',
    sequenceType: 'interval',
    shareType: 'shared',
    transactional: false,
  },
  sequenceState: counters,
  sequenceStep: counters,
  task: { action: 'action_item', state: 'incomplete' },
  user: { locked: false },
  webhook: { action: '*', active: true, payloadVersion: 1, resource: '*' },
}

/** What a column holds when nobody set it: left out of a `created` event (outreach-api 1.5). */
export function toColumnDefaults(type: string): Readonly<Record<string, unknown>> {
  return columnDefaults[type] ?? {}
}

// Derived, or kept in other tables: no webhook ever carried them (outreach-api 1.6).
const neverAnnounced: Readonly<Record<string, ReadonlySet<string>>> = {
  prospect: new Set([
    'accountName',
    'clickCount',
    'company',
    'name',
    'openCount',
    'personaName',
    'replyCount',
    'stageName',
    'timeZoneIana',
    'timeZoneInferred',
    'updaterId',
    'updaterType',
  ]),
  sequence: new Set(['enabled', 'locked']),
  task: new Set(['action', 'completed', 'completedAt', 'compiledSequenceTemplateHtml']),
  user: new Set(['name']),
}

export function isNeverAnnounced(type: string, attribute: string): boolean {
  return neverAnnounced[type]?.has(attribute) ?? false
}

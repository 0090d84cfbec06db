import event from './event.v1.json' with { type: 'json' }
import quarantine from './gateway/quarantine.v1.json' with { type: 'json' }
import account from './outreach/account.v1.json' with { type: 'json' }
import call from './outreach/call.v1.json' with { type: 'json' }
import mailing from './outreach/mailing.v1.json' with { type: 'json' }
import role from './outreach/opportunity-prospect-role.v1.json' with { type: 'json' }
import opportunity from './outreach/opportunity.v1.json' with { type: 'json' }
import prospect from './outreach/prospect.v1.json' with { type: 'json' }
import sequenceState from './outreach/sequence-state.v1.json' with { type: 'json' }
import sequence from './outreach/sequence.v1.json' with { type: 'json' }
import task from './outreach/task.v1.json' with { type: 'json' }
import user from './outreach/user.v1.json' with { type: 'json' }
import recordChange from './record-change.v1.json' with { type: 'json' }
import deadLetter from './sync/dead-letter.v1.json' with { type: 'json' }
import outcome from './sync/outcome.v1.json' with { type: 'json' }
import request from './sync/request.v1.json' with { type: 'json' }
import type { Topic } from './topics.ts'
import workbooksOpportunity from './workbooks/opportunity.v1.json' with { type: 'json' }
import organisation from './workbooks/organisation.v1.json' with { type: 'json' }
import person from './workbooks/person.v1.json' with { type: 'json' }
import workbooksTask from './workbooks/task.v1.json' with { type: 'json' }

/** The JSON Schema of each topic's events, version 1. They refer to `sharedSchemas` by `$id`. */
export const topicSchemas = {
  'outreach.account': account,
  'outreach.prospect': prospect,
  'outreach.opportunity': opportunity,
  'outreach.opportunity-prospect-role': role,
  'outreach.task': task,
  'outreach.call': call,
  'outreach.mailing': mailing,
  'outreach.sequence': sequence,
  'outreach.sequence-state': sequenceState,
  'outreach.user': user,
  'workbooks.organisation': organisation,
  'workbooks.person': person,
  'workbooks.opportunity': workbooksOpportunity,
  'workbooks.task': workbooksTask,
  'sync.request': request,
  'sync.outcome': outcome,
  'sync.dead-letter': deadLetter,
  'gateway.quarantine': quarantine,
} as const satisfies Record<Topic, object>

/** The envelope of every event, and what a sender said of a record. */
export const sharedSchemas = [event, recordChange] as const

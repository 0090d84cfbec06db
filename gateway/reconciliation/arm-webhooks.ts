import type { OutreachClient, OutreachRecord } from '../../clients/outreach/outreach-client.ts'
import type { Call } from '../../clients/call.ts'

type Deps = {
  readonly outreach: Pick<OutreachClient, 'search' | 'create' | 'update'>
  /** Where Outreach reaches us: `<PUBLIC_URL>/webhooks/outreach`. */
  readonly url: string
  /** The newest of `OUTREACH_WEBHOOK_SECRETS`. */
  readonly secret: string
  readonly now: () => number
}

/** What was done to each subscription that we need. */
export type Armed = {
  readonly made: readonly string[]
  /** Outreach had switched them off. */
  readonly rearmed: readonly string[]
}

/** Every resource that we have a topic for, or that speaks for a prospect (outreach-api 1.3). */
export const webhookResources = [
  'account',
  'call',
  'emailAddress',
  'mailing',
  'opportunity',
  'opportunityProspectRole',
  'prospect',
  'sequence',
  'sequenceState',
  'task',
  'user',
] as const

// The lane of everything that looks after missed changes.
const call: Call = { lane: 'reconciliation' }

/**
 * Makes the subscriptions that are missing, and wakes those that Outreach disabled: nobody is told of
 * that otherwise (outreach-api 1.9). Two of one kind would deliver twice, so what stands is kept.
 */
export async function armWebhooks({ outreach, url, secret, now }: Deps): Promise<Armed> {
  const all = await outreach.search('webhook', { size: 100 }, call)
  const ours = all.filter(({ attributes }) => attributes['url'] === url)
  const made: string[] = []
  const rearmed: string[] = []
  for (const resource of webhookResources) {
    const standing = ours.find(({ attributes }) => isFor(resource, attributes))
    if (standing === undefined) {
      const attributes = { url, resource, action: '*', secret, payloadVersion: 2 }
      await outreach.create('webhook', { attributes }, call)
      made.push(resource)
    } else if (isAsleep(standing)) {
      // Any update of a webhook resets its disabled marks (outreach-api 1.1).
      const notAfter = now() + 60_000
      const write = { attributes: { active: true } }
      await outreach.update({ type: 'webhook', id: standing.id }, write, { ...call, notAfter })
      rearmed.push(resource)
    }
  }
  return { made, rearmed }
}

function isFor(resource: string, attributes: OutreachRecord['attributes']): boolean {
  const [named, action] = [attributes['resource'], attributes['action']]
  return (named === resource || named === '*') && action === '*'
}

function isAsleep({ attributes }: OutreachRecord): boolean {
  const { active, disabledSince, disabledUntil } = attributes
  return active === false || isSet(disabledSince) || isSet(disabledUntil)
}

function isSet(value: unknown): boolean {
  return value !== null && value !== undefined && value !== ''
}

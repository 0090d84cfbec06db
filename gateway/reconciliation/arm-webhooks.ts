import { createHash } from 'node:crypto'
import type { Call } from '../../clients/call.ts'
import { isCallError, SystemAway } from '../../clients/errors.ts'
import type { OutreachClient, OutreachRecord } from '../../clients/outreach/outreach-client.ts'

type Deps = {
  readonly outreach: Pick<OutreachClient, 'search' | 'create' | 'update'>
  /** Where Outreach reaches us: `<PUBLIC_URL>/webhooks/outreach`. */
  readonly url: string
  /** The newest of `OUTREACH_WEBHOOK_SECRETS`. */
  readonly secret: string
  /** SHA-256 (hex) of the secret that our subscriptions were given last. */
  readonly secretHashes: {
    readonly read: () => Promise<string | undefined>
    readonly write: (hash: string) => Promise<void>
  }
  readonly now: () => number
  /** Aborts when another process may be arming them: two that look at once would make each twice. */
  readonly held: AbortSignal
}

/** What was done to each subscription that we need. */
export type Armed = {
  readonly made: readonly string[]
  /** Outreach had switched them off. */
  readonly rearmed: readonly string[]
  /** Given the newest secret. */
  readonly resecreted: readonly string[]
  /** What Outreach would not do, by resource; the others are armed all the same. */
  readonly refused: readonly { readonly resource: string; readonly why: string }[]
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

/**
 * Makes the subscriptions that are missing, wakes those that Outreach disabled (nobody is told of that
 * otherwise, outreach-api 1.9), and gives a rotated secret to all. Two of one kind would deliver twice,
 * so what stands is kept. Throws where Outreach is away.
 */
export async function armWebhooks(deps: Deps): Promise<Armed> {
  const { outreach, url, secret, secretHashes, now, held } = deps
  // The lane of everything that looks after missed changes.
  const call: Call = { lane: 'reconciliation', signal: held }
  const all = await outreach.search('webhook', { size: 100 }, call)
  const ours = all.filter(({ attributes }) => attributes['url'] === url)
  const hash = createHash('sha256').update(secret).digest('hex')
  const isRotated = (await secretHashes.read()) !== hash
  const made: string[] = []
  const rearmed: string[] = []
  const resecreted: string[] = []
  const refused: Armed['refused'][number][] = []

  async function update({ id }: OutreachRecord, attributes: OutreachRecord['attributes']) {
    const notAfter = now() + 60_000
    await outreach.update({ type: 'webhook', id }, { attributes }, { ...call, notAfter })
  }

  async function arm(resource: string): Promise<void> {
    const standing = ours.filter(({ attributes }) => isFor(resource, attributes))
    const [first] = standing
    if (first === undefined) {
      const attributes = { url, resource, action: '*', secret, payloadVersion: 2 }
      await outreach.create('webhook', { attributes }, call)
      made.push(resource)
    } else if (standing.every(isAsleep)) {
      // Any update of a webhook resets its disabled marks (outreach-api 1.1).
      await update(first, { active: true, secret })
      rearmed.push(resource)
    }
  }

  async function trying(resource: string, work: () => Promise<void>): Promise<void> {
    held.throwIfAborted()
    try {
      await work()
    } catch (error) {
      if (error instanceof SystemAway || !isCallError(error)) throw error
      refused.push({ resource, why: error.message })
    }
  }

  // One that sleeps gets the secret when it is woken: this would wake it beside another.
  for (const webhook of isRotated ? ours.filter((one) => !isAsleep(one)) : []) {
    const resource = toResource(webhook)
    await trying(resource, async () => {
      await update(webhook, { secret })
      resecreted.push(resource)
    })
  }
  const isSecretKnown = refused.length === 0
  for (const resource of webhookResources) await trying(resource, () => arm(resource))
  // Stored last: after a failure all are given it again.
  if (isRotated && isSecretKnown) await secretHashes.write(hash)
  return { made, rearmed, resecreted, refused }
}

function toResource({ attributes }: OutreachRecord): string {
  return typeof attributes['resource'] === 'string' ? attributes['resource'] : '?'
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

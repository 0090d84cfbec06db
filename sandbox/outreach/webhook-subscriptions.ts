import type { RecordEvent } from './record-event.ts'
import type { RecordStore, Row } from './record-store.ts'
import type { WebhookSwitches } from './webhook-switches.ts'
import { toWireTime } from './wire-time.ts'

export type Subscriptions = {
  /** The webhooks that this event goes to, each once; two that overlap both get it. */
  readonly matching: (event: RecordEvent) => readonly Row[]
  /** After the last attempt failed: a host name that does not resolve is disabled for a minute. */
  readonly noteFailure: (webhookId: number, code: string) => void
}

type Deps = {
  readonly store: RecordStore
  readonly now: () => number
  readonly switches: () => WebhookSwitches
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const weekMs = 7 * 24 * hourMs

export function makeSubscriptions({ store, now, switches }: Deps): Subscriptions {
  const change = (webhook: Row, attributes: Readonly<Record<string, unknown>>) =>
    store.put({ ...webhook, attributes: { ...webhook.attributes, ...attributes } })

  const disable = (webhook: Row, forMs: number, reason: string) =>
    change(webhook, {
      disabledReason: reason,
      // The first time of an unbroken row of failures: after a week of them it is switched off for good.
      disabledSince: webhook.attributes['disabledSince'] ?? toWireTime(now()),
      disabledUntil: toWireTime(now() + forMs),
    })

  const isEnabled = (webhook: Row): boolean => {
    const { active, disabledSince, disabledUntil } = webhook.attributes
    if (active !== true) return false
    if (typeof disabledSince === 'string' && now() - Date.parse(disabledSince) >= weekMs) {
      change(webhook, { active: false })
      return false
    }
    // What happens while it is disabled is not kept for later (outreach-api 1.9).
    return typeof disabledUntil !== 'string' || now() >= Date.parse(disabledUntil)
  }

  const hasAuthorizer = (webhook: Row): boolean => {
    const link = webhook.links['authorizer']
    if (!link) return true
    const user = store.find('user', link.id)
    return user !== undefined && user.attributes['locked'] !== true
  }

  const isReachable = (webhook: Row): boolean => {
    const url = String(webhook.attributes['url'])
    if (!switches().refusesPrivateAddresses || !isPrivate(new URL(url).hostname)) return true
    disable(webhook, hourMs, 'The address resolves to a private network.')
    return false
  }

  return {
    matching: (event) =>
      [...store.all('webhook')].filter(
        (webhook) =>
          isAbout(webhook, event) &&
          isEnabled(webhook) &&
          hasAuthorizer(webhook) &&
          isReachable(webhook),
      ),
    noteFailure: (webhookId, code) => {
      const webhook = store.find('webhook', webhookId)
      if (webhook !== undefined && code === 'ENOTFOUND') {
        disable(webhook, minuteMs, 'The host name does not resolve.')
      }
    },
  }
}

function isAbout(webhook: Row, event: RecordEvent): boolean {
  const { resource, action } = webhook.attributes
  return (
    (resource === '*' || resource === event.type) && (action === '*' || action === event.action)
  )
}

function isPrivate(host: string): boolean {
  return /^(localhost$|127\.|10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|\[::1\]|\[f[cd])/.test(
    host,
  )
}

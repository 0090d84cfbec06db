import { createHmac } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { postDelivery, type Delivery, type Posted } from './post-delivery.ts'
import type { RecordEvent } from './record-event.ts'
import type { Row } from './record-store.ts'
import type { Resources } from './resources.ts'
import { toWebhookData, type WebhookData } from './webhook-payload.ts'
import type { WebhookSwitches } from './webhook-switches.ts'
import { toZonedTime } from './wire-time.ts'
import type { Subscriptions } from './webhook-subscriptions.ts'

export type SentDelivery = {
  readonly webhookId: number
  readonly eventName: string
  readonly recordId: number
  readonly attempts: number
  readonly result: Posted
}

/** A change that the switches let nobody hear of. */
export type DroppedDelivery = {
  /** Epoch ms. */
  readonly at: number
  readonly type: string
  readonly recordId: number
  /** Ids by the name of the relationship. */
  readonly links: Readonly<Record<string, number | undefined>>
}

export type WebhookSender = {
  readonly enqueue: (event: RecordEvent) => void
  /** Resolves when no delivery waits or is under way. */
  readonly whenQuiet: () => Promise<void>
  /** What was sent so far, newest last; the latest thousand. */
  readonly sent: () => readonly SentDelivery[]
  /** What was not sent, newest last; the latest thousand. */
  readonly dropped: () => readonly DroppedDelivery[]
  readonly close: () => Promise<void>
}

type Deps = {
  readonly resources: Resources
  readonly subscriptions: Subscriptions
  readonly switches: () => WebhookSwitches
  readonly changeSwitches: (change: Partial<WebhookSwitches>) => void
  readonly random: () => number
  readonly newId: () => string
  readonly now: () => number
  readonly orgId: string
}

const rememberedDeliveries = 1000

export function makeWebhookSender(deps: Deps): WebhookSender {
  const lanes = new Map<string, Promise<void>>()
  const underWay = new Set<Promise<void>>()
  const sent: SentDelivery[] = []
  const dropped: DroppedDelivery[] = []
  const stopping = new AbortController()

  const isDropped = () => {
    const { drops, dropNext } = deps.switches()
    if (dropNext > 0) {
      deps.changeSwitches({ dropNext: dropNext - 1 })
      return true
    }
    return drops > 0 && deps.random() < drops
  }

  const deliver = async (webhook: Row, event: RecordEvent, delivery: Delivery) => {
    const { switches } = deps
    let attempts = 0
    let result: Posted
    do {
      if (attempts > 0) await wait(switches().attemptGapMs, undefined, { signal: stopping.signal })
      attempts += 1
      const { timeLimitMs } = switches()
      result = await postDelivery(delivery, { timeLimitMs, signal: stopping.signal })
      if (stopping.signal.aborted) return
    } while (attempts < switches().attempts && mustRetry(result, switches()))
    if (result.kind === 'failed') deps.subscriptions.noteFailure(webhook.id, result.code)
    const eventName = `${event.type}.${event.action}`
    remember(sent, { webhookId: webhook.id, eventName, recordId: event.id, attempts, result })
  }

  const noteDropped = ({ type, id, before, after }: RecordEvent) => {
    const links = Object.entries((after ?? before)?.links ?? {})
    const ids = Object.fromEntries(links.map(([name, link]) => [name, link?.id]))
    remember(dropped, { at: deps.now(), type, recordId: id, links: ids })
  }

  const start = (webhook: Row, event: RecordEvent, toPost: () => Delivery) => {
    const { delayMs, keepsOrder } = deps.switches()
    const dueAfterMs = delayMs.from + deps.random() * (delayMs.to - delayMs.from)
    const due = wait(dueAfterMs, undefined, { signal: stopping.signal })
    // Rejected only by closing, also when it waits behind another one's turn.
    due.catch(() => undefined)
    const lane = `${webhook.id}:${event.type}:${event.id}`
    const before = keepsOrder ? lanes.get(lane) : undefined
    const work = (before ?? Promise.resolve())
      .then(() => due)
      .then(() => deliver(webhook, event, toPost()))
      // Only closing interrupts a delivery; what was still waiting is lost, as in a crash of the real one.
      .catch(() => undefined)
      .finally(() => {
        underWay.delete(work)
        if (lanes.get(lane) === work) lanes.delete(lane)
      })
    lanes.set(lane, work)
    underWay.add(work)
  }

  return {
    enqueue: (event) => {
      // Not even a wildcard hears of what has no webhooks: stages, phone numbers (outreach-api 1.3).
      if (!deps.resources.of(event.type).webhookActions.includes(event.action)) return
      for (const webhook of deps.subscriptions.matching(event)) {
        const { omitNulledAttributes, omitNulledLinks, opportunityStageAs, duplicates } =
          deps.switches()
        const data = toWebhookData(event, deps.resources.of(event.type), {
          omitNulledAttributes,
          omitNulledLinks,
          opportunityStageAs,
          payloadVersion: webhook.attributes['payloadVersion'] === 2 ? 2 : 1,
        })
        if (isDropped()) {
          noteDropped(event)
          continue
        }
        // Made when the first one sets out; its duplicate is the same byte for byte.
        let made: Delivery | undefined
        const toPost = () => (made ??= toDelivery(webhook, { event, data }, deps))
        start(webhook, event, toPost)
        if (duplicates > 0 && deps.random() < duplicates) start(webhook, event, toPost)
      }
    },
    whenQuiet: async () => {
      while (underWay.size > 0) await Promise.all(underWay)
    },
    sent: () => sent,
    dropped: () => dropped,
    close: async () => {
      stopping.abort()
      await Promise.all(underWay)
    },
  }
}

function remember<Item>(latest: Item[], item: Item): void {
  latest.push(item)
  if (latest.length > rememberedDeliveries) latest.shift()
}

function mustRetry(result: Posted, switches: WebhookSwitches): boolean {
  return result.kind === 'failed' || (result.kind === 'timed-out' && switches.retriesTimeouts)
}

function toDelivery(
  webhook: Row,
  { event, data }: { readonly event: RecordEvent; readonly data: WebhookData },
  deps: Deps,
): Delivery {
  const { url, secret, cleanupToken } = webhook.attributes
  const body = JSON.stringify({
    ...data,
    meta: {
      deliveredAt: toZonedTime(deps.now(), deps.switches().zone),
      eventName: `${event.type}.${event.action}`,
      jobId: deps.newId(),
    },
  })
  const hasSecret = typeof secret === 'string' && secret !== ''
  return {
    url: String(url),
    body,
    headers: {
      'Content-Type': 'application/vnd.api+json',
      'User-Agent': 'Ruby',
      Accept: '*/*',
      'Accept-Encoding': 'gzip;q=1.0,deflate;q=0.6,identity;q=0.3',
      Connection: 'close',
      'Outreach-Org-Id': deps.orgId,
      'Outreach-Webhook-Id': String(webhook.id),
      'Outreach-Webhook-Event-Id': deps.newId(),
      'Outreach-Webhook-Cleanup-Token': String(cleanupToken),
      ...(hasSecret && { 'Outreach-Webhook-Signature': toSignature(body, secret) }),
    },
  }
}

/** Lower-case hex HMAC-SHA256 of the raw body, without a prefix (outreach-api 1.4). */
export function toSignature(body: string, secret: string): string {
  return createHmac('sha256', secret).update(body).digest('hex')
}

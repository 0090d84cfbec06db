import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Found } from '../../event-log/kafka/read-topic.fixture.ts'
import { outreachHeaders } from '../open-street.ts'

/** Deliveries of one account to one gateway, one after the other: the order of the posts is that of the answers. */
type Stream = {
  readonly gatewayUrl: string
  readonly account: number
  /** Of the events that were answered with 200, in that order. */
  readonly answered: string[]
}

type Options = {
  readonly gatewayUrls: readonly string[]
  /** Accounts of each gateway; the gateways share none. */
  readonly accountsEach: number
  /** Between an answer and the next delivery of the same account. */
  readonly pauseMs: number
  readonly firstAccount?: number
}

/** Senders that post until they are told to stop, and post again what broke off, as Outreach does. */
export function startDeliveryStreams({
  gatewayUrls,
  accountsEach,
  pauseMs,
  firstAccount = 1_000,
}: Options) {
  const stopping = new Map(gatewayUrls.map((url) => [url, new AbortController()]))
  const statuses = new Map<number, number>()
  const slowest = { ms: 0 }
  let broken = 0

  const streams = gatewayUrls.flatMap((gatewayUrl, gateway) =>
    Array.from({ length: accountsEach }, (_, at): Stream => {
      return { gatewayUrl, account: firstAccount + accountsEach * gateway + at, answered: [] }
    }),
  )
  const post = async ({ gatewayUrl }: Stream, body: string): Promise<number | undefined> => {
    const began = performance.now()
    try {
      const answer = await fetch(`${gatewayUrl}/webhooks/outreach`, {
        method: 'POST',
        headers: outreachHeaders(body),
        body,
      })
      await answer.arrayBuffer()
      slowest.ms = Math.max(slowest.ms, performance.now() - began)
      return answer.status
    } catch {
      return undefined
    }
  }
  const run = async (stream: Stream) => {
    const isStopping = () => stopping.get(stream.gatewayUrl)?.signal.aborted === true
    for (let turn = 1; !isStopping(); turn += 1) {
      const body = toDelivery(stream.account, turn)
      let status = await post(stream, body)
      while (status === undefined && !isStopping()) {
        broken += 1
        await sleep(100)
        status = await post(stream, body)
      }
      if (status === undefined) return
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      if (status === 200) stream.answered.push(toEventId(stream.account, body))
      await sleep(pauseMs)
    }
  }
  const running = new Map(
    gatewayUrls.map((url) => [
      url,
      Promise.all(streams.filter(({ gatewayUrl }) => gatewayUrl === url).map(run)),
    ]),
  )

  return {
    streams,
    /** By status of the answer, how often. */
    statuses: (): ReadonlyMap<number, number> => statuses,
    answeredCount: (): number => streams.reduce((sum, { answered }) => sum + answered.length, 0),
    /** Connections that broke before an answer. */
    brokenCount: (): number => broken,
    slowestMs: (): number => slowest.ms,
    stop: async (): Promise<void> => {
      for (const each of stopping.values()) each.abort()
      await Promise.all(running.values())
    },
    /** Only those to this gateway; what it has not answered they give up. */
    stopAt: async (gatewayUrl: string): Promise<void> => {
      stopping.get(gatewayUrl)?.abort()
      await running.get(gatewayUrl)
    },
  }
}

export type DeliveryStreams = ReturnType<typeof startDeliveryStreams>

/** What is wrong with the log, as sentences: lost events, and such that changed places within their key. */
export function findFaults(
  streams: readonly Pick<Stream, 'account' | 'answered'>[],
  entries: readonly Found[],
): readonly string[] {
  const idsOf = new Map<string, Set<string>>()
  for (const { key, text } of entries) {
    // The gateway validated every event before it was kept.
    const { id } = JSON.parse(text) as { id: string }
    // A set keeps the order of the first occurrences: doubles are borne (infrastructure 3.5).
    idsOf.set(key, (idsOf.get(key) ?? new Set()).add(id))
  }
  return streams.flatMap(({ account, answered }) => {
    const found = [...(idsOf.get(`outreach:account:${account}`) ?? [])]
    const lost = answered.filter((id) => !found.includes(id))
    const inOrder = answered.filter((id) => found.includes(id))
    const wanted = new Set(answered)
    const first = found.filter((id) => wanted.has(id)).findIndex((id, at) => id !== inOrder[at])
    return [
      ...lost.map((id) => `answered, and not in the log: ${id}`),
      ...(first === -1 ? [] : [`out of its order in the log: ${inOrder[first] ?? ''}`]),
    ]
  })
}

export function assertEachArrivedInOrder(
  streams: DeliveryStreams,
  entries: readonly Found[],
  atLeast: number,
): void {
  assert.ok(streams.answeredCount() >= atLeast, `only ${streams.answeredCount()} were answered`)
  assert.deepEqual(findFaults(streams.streams, entries), [])
  assert.deepEqual([...streams.statuses().keys()], [200])
}

function toDelivery(account: number, turn: number): string {
  return JSON.stringify({
    data: {
      type: 'account',
      id: account,
      attributes: { name: `Company ${account} turn ${turn}` },
      relationships: {},
    },
    meta: {
      deliveredAt: '2026-03-02T09:22:31.000+00:00',
      eventName: 'account.updated',
    },
  })
}

/** Product 4: type, id and the SHA-256 of the raw body. */
function toEventId(account: number, body: string): string {
  const hash = createHash('sha256').update(body).digest('hex')
  return `outreach.account.updated/${account}/${hash}`
}

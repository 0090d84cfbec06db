import { createHmac, createHash, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import jwt from 'jsonwebtoken'
import { openEmbeddedLog } from '../event-log/embedded-log.ts'
import {
  openSimulatedOutreach,
  type SimulatedOutreach,
} from '../sandbox/outreach/simulated-outreach.ts'
import {
  openSimulatedWorkbooks,
  type SimulatedWorkbooks,
} from '../sandbox/workbooks/simulated-workbooks.ts'
import type { GatewayEvent } from '../schemas/event.ts'
import { openStart, type Process } from './open-process.ts'
import { findFreePort, houseSecrets } from './start-house.ts'

/** The product in a process of its own, on the settings of real credentials, between the two simulated systems. */
export type Street = AsyncDisposable & {
  readonly outreach: SimulatedOutreach
  readonly workbooks: SimulatedWorkbooks
  readonly product: Process
  readonly gatewayUrl: string
  readonly opsUrl: string
  /** What the product was started with; the command line takes the same. */
  readonly env: Readonly<Record<string, string>>
  readonly dir: string
}

export async function openStreet(env: Readonly<Record<string, string>> = {}): Promise<Street> {
  const dir = await mkdtemp(join(tmpdir(), 'street-'))
  const [port, opsPort] = [await findFreePort(), await findFreePort()]
  const gatewayUrl = `http://127.0.0.1:${port}`
  const subscription = { resource: '*', action: '*', payloadVersion: 2 } as const
  const outreach = await openSimulatedOutreach({
    accessTokens: [{ token: houseSecrets.outreachToken }],
    subscriptions: [
      {
        ...subscription,
        url: `${gatewayUrl}/webhooks/outreach`,
        secret: houseSecrets.outreachWebhook,
      },
    ],
    webhooks: { delayMs: { from: 1, to: 5 } },
  })
  const workbooks = await openSimulatedWorkbooks({
    hook: {
      url: `${gatewayUrl}/webhooks/workbooks`,
      jwtSecret: houseSecrets.workbooksHook,
      // For as long as a restart takes on a busy machine.
      disorder: { retries: 100 },
    },
  })
  const whole = {
    PORT: String(port),
    OPS_PORT: String(opsPort),
    DATA_DIR: dir,
    OUTREACH_API_URL: outreach.url,
    OUTREACH_ACCESS_TOKEN: houseSecrets.outreachToken,
    OUTREACH_WEBHOOK_SECRETS: houseSecrets.outreachWebhook,
    WORKBOOKS_API_URL: workbooks.url,
    WORKBOOKS_API_KEY: workbooks.apiKey,
    WORKBOOKS_HOOK_JWT_SECRETS: houseSecrets.workbooksHook,
    WORKBOOKS_WEBHOOK_SECRETS: houseSecrets.workbooksNative,
    OPS_JWT_SECRET: houseSecrets.ops,
    LOG_FORMAT: 'json',
    LOG_LEVEL: 'debug',
    ...env,
  }
  const product = openStart([], whole)
  const close = async () => {
    await product[Symbol.asyncDispose]()
    await Promise.all([outreach.close(), workbooks.close()])
    await rm(dir, { recursive: true, force: true })
  }
  try {
    await product.untilSaid('"role":"reconciliation"')
  } catch (error) {
    await close()
    throw error
  }
  const opsUrl = `http://127.0.0.1:${opsPort}`
  return {
    outreach,
    workbooks,
    product,
    gatewayUrl,
    opsUrl,
    env: whole,
    dir,
    [Symbol.asyncDispose]: close,
  }
}

/** Waits for something that a person would see on a screen. */
export async function until<Value>(
  what: string,
  look: () => Value | undefined | Promise<Value | undefined>,
): Promise<Value> {
  const end = Date.now() + 120_000
  for (;;) {
    const seen = await look()
    if (seen !== undefined) return seen
    if (Date.now() > end) throw new Error(`never seen: ${what}`)
    await sleep(10)
  }
}

/** What a topic holds, once the product has stopped. */
export async function readTopic(dir: string, topic: string): Promise<readonly GatewayEvent[]> {
  await using log = await openEmbeddedLog({ dir, retention: { maxAgeMs: 86_400_000 } })
  const kept = await log.read({ topic, partition: 0, from: { offset: 0n }, limit: 100_000 })
  // The gateway validated every event before it was kept.
  return kept.map(({ value }) => JSON.parse(Buffer.from(value).toString()) as GatewayEvent)
}

type Body = string | Buffer

/** Headers of a delivery that Outreach signed. */
export function outreachHeaders(body: Body): Record<string, string> {
  const signature = createHmac('sha256', houseSecrets.outreachWebhook).update(body).digest('hex')
  return {
    'content-type': 'application/vnd.api+json',
    'outreach-webhook-signature': signature,
  }
}

/** Headers of a native Workbooks webhook. */
export function nativeHeaders(body: Body): Record<string, string> {
  const signature = createHmac('sha256', houseSecrets.workbooksNative).update(body).digest('hex')
  return { 'content-type': 'application/json', 'x-workbooks-signature': `SHA256=${signature}` }
}

/** Headers of our change hook; `claims` win over what the hook would claim. */
export function hookHeaders(
  body: Body,
  claims: Readonly<Record<string, unknown>> = {},
  secret: string = houseSecrets.workbooksHook,
): Record<string, string> {
  const iat = Math.floor(Date.now() / 1000)
  const bodyHash = createHash('sha256').update(body).digest('hex')
  const usual = { iss: 'workbooks', iat, exp: iat + 240, jti: randomUUID(), body_sha256: bodyHash }
  const all: Readonly<Record<string, unknown>> = { ...usual, ...claims }
  // The library refuses a claim that is there and undefined.
  const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
  const token = jwt.sign(given, secret, { algorithm: 'HS256' })
  return { 'content-type': 'application/json', authorization: `Bearer ${token}` }
}

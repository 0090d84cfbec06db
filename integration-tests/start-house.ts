import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { signToken } from '../ops/sign-token.ts'
import { readSettings } from '../runtime/read-settings.ts'
import type { Outcome } from '../schemas/outcome.ts'
import { readSyncConfig } from '../schemas/sync-config.ts'
import type { Topic } from '../schemas/topics.ts'
import {
  openSimulatedOutreach,
  type SimulatedOutreach,
  type SimulatedOutreachOptions,
} from '../sandbox/outreach/simulated-outreach.ts'
import {
  openSimulatedWorkbooks,
  type SimulatedWorkbooks,
  type SimulatedWorkbooksOptions,
} from '../sandbox/workbooks/simulated-workbooks.ts'
import { startProduct, type Overrides, type Product } from '../start.ts'
import { roles as everyRole, type Role } from '../start/roles.ts'
import { openBalance } from './balance.ts'
import { makeStoreSettings } from './shared-stores.ts'

export type HouseOptions = {
  /** The content of a SYNC_CONFIG file. */
  readonly config?: unknown
  readonly outreach?: SimulatedOutreachOptions
  readonly workbooks?: SimulatedWorkbooksOptions
  readonly env?: Readonly<Record<string, string>>
  readonly overrides?: Overrides
  /** What people did before the product was connected for the first time. */
  readonly before?: (systems: Pick<House, 'outreach' | 'workbooks'>) => void
}

/** The whole house: the product on real settings, between a simulated Outreach and a simulated Workbooks. */
export type House = AsyncDisposable & {
  readonly outreach: SimulatedOutreach
  readonly workbooks: SimulatedWorkbooks
  readonly dir: string
  /** The settings that its processes share. */
  readonly env: Readonly<Record<string, string>>
  /** How many consumers share the work: 1 on the embedded stores, else more, each with memories of its own. */
  readonly consumers: number
  readonly gatewayUrl: string
  readonly opsUrl: () => string
  /** Resolves once nothing is queued, under way or unread anywhere; rejects after `ms`, saying what is left. */
  readonly settled: (ms?: number) => Promise<void>
  /** What its processes do within a second by themselves is done now. */
  readonly catchUp: () => Promise<void>
  /** Newest first. */
  readonly outcomes: (record: string) => Promise<readonly Outcome[]>
  readonly ops: (
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body?: unknown,
  ) => Promise<Response>
  /** Stops the product and starts it again on the same data; the simulated systems go on. */
  readonly restart: () => Promise<void>
  readonly stop: () => Promise<void>
  readonly start: () => Promise<void>
  /** Every event on a topic, as it stands there; those of one record in their order. */
  readonly events: (topic: Topic) => Promise<readonly unknown[]>
  /** What the product logged so far. */
  readonly logged: () => string
}

export const houseSecrets = {
  outreachToken: 'house-outreach-token',
  outreachWebhook: 'house-outreach-webhook-secret',
  workbooksHook: 'house-workbooks-hook-secret',
  workbooksNative: 'house-workbooks-native-secret',
  ops: 'house-ops-secret-of-more-than-32-bytes',
} as const

/** What runs where the stores are shared: two gateways and two consumers, each on its own. */
const manyProcesses: readonly (readonly Role[])[] = [
  ['gateway'],
  ['gateway'],
  ['consumers'],
  ['consumers', 'reconciliation'],
]

/** Echoes need not wait five seconds for company here: what they cost is asserted, not when. */
const companyMs = 50

export async function startHouse(options: HouseOptions = {}): Promise<House> {
  const dir = await mkdtemp(join(tmpdir(), 'house-'))
  const port = await findFreePort()
  const gatewayUrl = `http://127.0.0.1:${port}`
  const processes = await planProcesses(port)
  const balance = processes.balanced && (await openBalance(port, processes.balanced))
  const outreach = await openSimulatedOutreach({
    accessTokens: [{ token: houseSecrets.outreachToken }],
    subscriptions: [
      {
        url: `${gatewayUrl}/webhooks/outreach`,
        secret: houseSecrets.outreachWebhook,
        resource: '*',
        action: '*',
        payloadVersion: 2,
      },
    ],
    webhooks: { delayMs: { from: 1, to: 5 } },
    ...options.outreach,
  })
  const workbooks = await openSimulatedWorkbooks({
    hook: { url: `${gatewayUrl}/webhooks/workbooks`, jwtSecret: houseSecrets.workbooksHook },
    ...options.workbooks,
  })
  options.before?.({ outreach, workbooks })
  const lines: string[] = []
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString())
      done()
    },
  })
  const env: Readonly<Record<string, string>> = {
    OPS_PORT: '0',
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
    ...processes.stores,
    ...options.env,
  }

  const start = () =>
    Promise.all(
      processes.each.map(({ roles, port: ownPort }) => {
        const read = readSettings({ ...env, PORT: String(ownPort) })
        const config = readSyncConfig(options.config ?? {})
        if (read.kind === 'mistakes') throw new Error(read.mistakes.join('\n'))
        if (config.kind === 'mistakes') throw new Error(config.mistakes.join('\n'))
        const pollsWhenAsked = options.overrides?.now === undefined
        const usual = { output, companyMs, roles, pollsWhenAsked }
        const overrides = { ...usual, ...options.overrides }
        return startProduct(read.settings, config.config, overrides)
      }),
    )
  let products: readonly Product[] = await start()
  // What a test does next comes after the first connection (rulebook 3), unless a system is away.
  const patience = Date.now() + 10_000
  while (products.some(({ isIdle }) => !isIdle()) && Date.now() < patience) await sleep(2)

  const opsUrl = () => products[0]?.opsUrl ?? gatewayUrl
  const ops: House['ops'] = async (method, path, body) => {
    const scopes = ['ops:read', 'ops:write'] as const
    const claims = { sub: 'house', scopes, forSeconds: 60, now: Date.now() }
    const token = signToken(houseSecrets.ops, claims)
    const answer = await fetch(`${opsUrl()}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    // Other processes than the one that answered would look within a second (product 6).
    if (method !== 'GET') await catchUp()
    return answer
  }
  const catchUp = async () => {
    await Promise.all(products.map((product) => product.catchUp()))
  }
  async function whatIsLeft(): Promise<string | undefined> {
    const [first] = products
    if (first === undefined) return 'the product is stopped'
    if (products.some(({ isIdle }) => !isIdle())) return 'hints are in hand'
    const behind = (await first.log.lags()).filter(({ events }) => events > 0)
    return behind.length === 0 ? undefined : `behind: ${JSON.stringify(behind)}`
  }
  async function stop(): Promise<void> {
    const running = products
    products = []
    await Promise.all(running.map((product) => product.stop('the house stops')))
  }

  return {
    outreach,
    workbooks,
    dir,
    env,
    consumers: processes.each.filter(({ roles }) => roles.includes('consumers')).length,
    gatewayUrl,
    opsUrl,
    async settled(ms = 120_000) {
      const until = Date.now() + ms
      let quiet = 0
      let left: string | undefined
      while (quiet < 3) {
        if (Date.now() > until) throw new Error(`not settled after ${ms} ms: ${left ?? 'restless'}`)
        await Promise.all([outreach.whenQuiet(), workbooks.whenQuiet()])
        left = await whatIsLeft()
        quiet = left === undefined ? quiet + 1 : 0
        await sleep(5)
      }
      if (products.length > 1) await catchUp()
    },
    catchUp,
    async outcomes(record) {
      const response = await ops('GET', `/ops/outcomes?record=${record}&limit=1000`)
      if (!response.ok) throw new Error(`outcomes answered ${response.status}`)
      // Our own answer, in the form of product 4.
      return ((await response.json()) as { outcomes: Outcome[] }).outcomes
    },
    ops,
    async restart() {
      await stop()
      products = await start()
    },
    stop,
    async start() {
      products = await start()
    },
    async events(topic) {
      const [first] = products
      if (first === undefined) throw new Error('the product is stopped')
      const { log } = first
      const partitions = Array.from({ length: await log.partitionsOf(topic) }, (_, index) => index)
      const from = { offset: 0n }
      const kept = await Promise.all(
        partitions.map((partition) => log.read({ topic, partition, from, limit: 10_000 })),
      )
      return kept.flat().map(({ value }): unknown => JSON.parse(Buffer.from(value).toString()))
    },
    logged: () => lines.join(''),
    async [Symbol.asyncDispose]() {
      await stop()
      await Promise.all([outreach.close(), workbooks.close(), balance?.close()])
      await rm(dir, { recursive: true, force: true })
    },
  }
}

type Processes = {
  readonly each: readonly { readonly roles: readonly Role[]; readonly port: number }[]
  /** Ports of the gateways that stand behind one address. */
  readonly balanced?: readonly number[]
  readonly stores?: Readonly<Record<string, string>> | undefined
}

async function planProcesses(port: number): Promise<Processes> {
  const stores = await makeStoreSettings()
  if (stores === undefined) return { each: [{ roles: everyRole, port }] }
  const each = await Promise.all(
    manyProcesses.map(async (roles) => ({
      roles,
      port: roles.includes('gateway') ? await findFreePort() : 0,
    })),
  )
  const balanced = each.map((one) => one.port).filter((one) => one !== 0)
  return { each, balanced, stores }
}

/**
 * A port that was free a moment ago: both sides must know it before either starts. Below those that
 * the system gives to outgoing connections, or one of them might take it meanwhile.
 */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 20_000)
    if (await isFree(port)) return port
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  const isListening = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, () => resolve(true))
  })
  if (isListening) await new Promise((resolve) => server.close(resolve))
  return isListening
}

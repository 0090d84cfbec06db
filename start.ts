import { randomBytes, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeClients } from './clients/make-clients.ts'
import type { StoredToken } from './clients/outreach/tokens/stored-token.ts'
import { makeConsumers } from './consumers/make-consumers.ts'
import { kindDefinitions } from './consumers/sync/kinds/kinds.ts'
import { openEmbeddedLog } from './event-log/embedded-log.ts'
import type { EventLog, Keep } from './event-log/event-log.ts'
import { makeGateway } from './gateway/make-gateway.ts'
import { armWebhooks } from './gateway/reconciliation/arm-webhooks.ts'
import { makeReconciliation } from './gateway/reconciliation/make-reconciliation.ts'
import { makeUsedTokens } from './gateway/workbooks/used-tokens.ts'
import { runOps } from './ops/command-line.ts'
import { makeVerbDeps } from './ops/make-verb-deps.ts'
import { makeOpsServer } from './ops/ops-server.ts'
import { readOpsKeys } from './ops/read-ops-keys.ts'
import { makeReportProcess } from './ops/report-process.ts'
import packageFile from './package.json' with { type: 'json' }
import { exitCodes, makeLifecycle, type ExitCode } from './runtime/lifecycle.ts'
import { closeServer } from './runtime/close-server.ts'
import { findUnsupported } from './runtime/find-unsupported-settings.ts'
import { makeLogger } from './runtime/logger.ts'
import { makeMetrics } from './runtime/metrics.ts'
import { openPort } from './runtime/open-port.ts'
import { readSettings, type Settings } from './runtime/read-settings.ts'
import { readSyncConfigFile } from './runtime/read-sync-config-file.ts'
import { makeSignals } from './runtime/signals.ts'
import {
  openSandbox,
  sandboxSecrets,
  toSandboxAccess,
  type Sandbox,
} from './sandbox/open-sandbox.ts'
import { renderTour } from './sandbox/tour.ts'
import type { SyncConfig } from './schemas/sync-config.ts'
import { openEmbeddedState } from './state/embedded-state.ts'
import { makeJsonFact } from './state/json-fact.ts'
import { migrations } from './state/schema.ts'
import type { StateStore } from './state/state-store.ts'

export const roles = ['gateway', 'consumers', 'reconciliation'] as const

/** Doors for tests: everything else is the product as it is. */
export type Overrides = {
  readonly wrapLog?: <Log extends EventLog & { readonly keep: Keep }>(log: Log) => Log
  readonly wrapState?: (store: StateStore) => StateStore
  readonly fetch?: typeof fetch
  readonly output?: NodeJS.WritableStream
  /** How long an echo waits for company. */
  readonly companyMs?: number
}

export type Product = {
  readonly gatewayUrl: string | undefined
  readonly opsUrl: string
  readonly sandbox: Sandbox | undefined
  readonly log: EventLog
  /** Nothing that the consumers took is unfinished. */
  readonly isIdle: () => boolean
  readonly untilStopped: () => Promise<ExitCode>
  readonly stop: (why: string) => Promise<ExitCode>
}

/** Makes every part, hands them to each other, and starts them in the order in which they need each other. */
export async function startProduct(
  settings: Settings,
  config: SyncConfig,
  overrides: Overrides = {},
): Promise<Product> {
  const { logLevel: level, logFormat: format, kafkaPrefix: topicPrefix = '' } = settings
  const logger = makeLogger({ level, format, stream: overrides.output ?? process.stdout })
  const metrics = makeMetrics({ withProcess: true })
  const signals = makeSignals({ logger, metrics })
  const lifecycle = makeLifecycle({ process, signals })
  try {
    const { store, log } = await openStores(settings, lifecycle, overrides)
    metrics.watchLags(() => log.lags())
    const parts = {
      settings,
      config,
      overrides,
      signals,
      metrics,
      lifecycle,
      store,
      log,
      topicPrefix,
    }
    const doors = await openDoors(parts)
    const sandbox = await openSandboxFor(parts, doors.gatewayUrl)
    const consumers = await startRoles(parts, { doors, sandbox })
    for (const role of roles) signals.started({ role })
    return {
      gatewayUrl: doors.gatewayUrl,
      opsUrl: doors.opsUrl,
      sandbox,
      log,
      isIdle: () => consumers.isIdle(),
      untilStopped: () => lifecycle.untilStopped(),
      stop: (why) => lifecycle.stop({ why }),
    }
  } catch (error) {
    await lifecycle.stop({ why: 'the start failed', error })
    throw error
  }
}

type Signals = ReturnType<typeof makeSignals>
type Lifecycle = ReturnType<typeof makeLifecycle>

type Parts = {
  readonly settings: Settings
  readonly config: SyncConfig
  readonly overrides: Overrides
  readonly signals: Signals
  readonly metrics: ReturnType<typeof makeMetrics>
  readonly lifecycle: Lifecycle
  readonly store: StateStore
  readonly log: EventLog & { readonly keep: Keep }
  readonly topicPrefix: string
}

/** Simulated records never mix with those of a real connection. */
function dataDirOf({ mode, dataDir }: Settings): string {
  return mode === 'sandbox' ? join(dataDir, 'sandbox') : dataDir
}

async function openStores(settings: Settings, lifecycle: Lifecycle, overrides: Overrides) {
  const dir = dataDirOf(settings)
  const state = await openEmbeddedState({ dir, migrations })
  const store = overrides.wrapState?.(state) ?? state
  lifecycle.add({ stage: 'stores', name: 'state', stop: async () => store[Symbol.asyncDispose]() })
  const embedded = await openEmbeddedLog({
    dir,
    retention: {
      maxAgeMs: settings.logRetentionDays * 86_400_000,
      ownGroups: `${settings.kafkaPrefix ?? ''}gateway-`,
    },
    prepare: { module: new URL('./gateway/prepare-deliveries.ts', import.meta.url), options: {} },
  })
  const log = overrides.wrapLog?.(embedded) ?? embedded
  lifecycle.add({ stage: 'stores', name: 'log', stop: async () => log[Symbol.asyncDispose]() })
  return { store, log }
}

type Doors = {
  readonly gatewayUrl: string
  readonly opsUrl: string
  /** What the doors ask of parts that start after them. */
  readonly later: { look: () => Promise<void>; flush: () => Promise<void> }
}

async function openDoors(parts: Parts): Promise<Doors> {
  const { settings, signals, metrics, lifecycle, store, log, topicPrefix } = parts
  const later: Doors['later'] = { look: () => Promise.resolve(), flush: () => Promise.resolve() }
  const notReady = async (): Promise<readonly string[]> => {
    if (lifecycle.isStopping()) return ['This process is stopping.']
    const health = await log.health()
    return health.ok ? [] : [health.why]
  }
  const opsApp = makeOpsServer({
    ...makeVerbDeps({
      store,
      log,
      topicPrefix,
      builtKinds: kindDefinitions.map(({ name }) => name),
      limits: {
        hour: { outreach: settings.outreachCallsPerHour, workbooks: null },
        year: { outreach: settings.outreachCallsPerYear ?? null, workbooks: null },
      },
      now: Date.now,
      randomId: randomUUID,
      pausesChanged: () => later.look(),
      flush: () => later.flush(),
    }),
    keys: await readOpsKeys(settings),
    metrics,
    notReady,
    signals,
  })
  const gateway = makeGateway({
    keep: log.keep,
    ready: async () => {
      const [why] = await notReady()
      return why === undefined ? { ok: true } : { ok: false, why }
    },
    secrets: secretsOf(settings),
    usedTokens: makeUsedTokens({ state: store, now: Date.now, signals }),
    now: Date.now,
    randomBytes,
    signals,
    ...(settings.opsPort === 0 && { others: opsApp }),
  })
  const whenTaken = 'refuse'
  const port = await openPort(gateway.server, { setting: 'PORT', port: settings.port, whenTaken })
  signals.listening({ what: 'gateway', port })
  lifecycle.add({ stage: 'doors', name: 'gateway', stop: () => gateway.close() })
  const gatewayUrl = `http://127.0.0.1:${port}`
  if (settings.opsPort === 0) return { gatewayUrl, opsUrl: gatewayUrl, later }

  const opsServer = createServer(opsApp)
  const asked = { setting: 'OPS_PORT', port: settings.opsPort, whenTaken } as const
  const opsPort = await openPort(opsServer, asked)
  signals.listening({ what: 'ops', port: opsPort })
  lifecycle.add({ stage: 'clients', name: 'ops', stop: () => closeServer(opsServer, 2_000) })
  return { gatewayUrl, opsUrl: `http://127.0.0.1:${opsPort}`, later }
}

function secretsOf(settings: Settings) {
  if (settings.mode === 'sandbox') {
    const { outreachWebhook, workbooksHook } = sandboxSecrets
    return { outreach: [outreachWebhook], workbooksWebhook: [], workbooksHook: [workbooksHook] }
  }
  return {
    outreach: settings.outreachWebhookSecrets,
    workbooksWebhook: settings.workbooksWebhookSecrets,
    workbooksHook: settings.workbooksHookJwtSecrets,
  }
}

async function openSandboxFor(
  { settings, lifecycle }: Parts,
  gatewayUrl: string,
): Promise<Sandbox | undefined> {
  if (settings.mode !== 'sandbox') return undefined
  const ports =
    settings.port === 0 ? { outreach: 0, workbooks: 0 } : { outreach: 3010, workbooks: 3011 }
  const sandbox = await openSandbox({ dir: dataDirOf(settings), ports, gatewayUrl })
  lifecycle.add({
    stage: 'stores',
    name: 'sandbox',
    stop: async () => sandbox[Symbol.asyncDispose](),
  })
  return sandbox
}

async function startRoles(
  parts: Parts,
  { doors, sandbox }: { readonly doors: Doors; readonly sandbox: Sandbox | undefined },
) {
  const { settings, signals, lifecycle, store, log, config, topicPrefix } = parts
  const now = Date.now
  const counted = { called: (_: { system: string; lane: string }): void => undefined }
  const clients = makeClients({
    settings: sandbox === undefined ? settings : { ...settings, ...toSandboxAccess(sandbox) },
    version: packageFile.version,
    tokenStore: makeJsonFact<StoredToken>(store, 'outreach_token'),
    exclusively: (work) => store.exclusively(['outreach-token'], () => work()),
    now,
    wait: (ms, signal) => sleep(ms, undefined, { ...(signal && { signal }) }),
    ...(parts.overrides.fetch && { fetch: parts.overrides.fetch }),
    signals: {
      ...signals,
      called: (call) => {
        signals.called(call)
        counted.called(call)
      },
    },
  })
  const outcomeRetentionMs = settings.outcomeRetentionDays * 86_400_000
  const report = makeReportProcess({
    store,
    gates: clients.gates,
    roles,
    pid: process.pid,
    outcomeRetentionMs,
    now,
    signals,
  })
  counted.called = report.called
  doors.later.flush = report.flush
  await report.start()
  lifecycle.add({ stage: 'clients', name: 'report', stop: () => report.stop() })

  const { outreachWebUrl, publicUrl, outreachWebhookSecrets } = settings
  const consumers = makeConsumers({
    log,
    store,
    ...clients,
    config,
    settings: { outreachWebUrl, topicPrefix },
    ...(parts.overrides.companyMs !== undefined && { companyMs: parts.overrides.companyMs }),
    now,
    signals,
  })
  doors.later.look = consumers.look
  consumers.start()
  lifecycle.add({ stage: 'consumers', name: 'consumers', stop: () => consumers.stop() })

  const { outreach } = clients
  const url = `${publicUrl ?? ''}/webhooks/outreach`
  const [secret = ''] = outreachWebhookSecrets
  const reconciliation = makeReconciliation({
    armWebhooks:
      publicUrl === undefined ? undefined : () => armWebhooks({ outreach, url, secret, now }),
    signals,
  })
  reconciliation.start()
  lifecycle.add({ stage: 'consumers', name: 'reconciliation', stop: () => reconciliation.stop() })
  return consumers
}

async function main(argv: readonly string[]): Promise<ExitCode> {
  const isOps = argv[0] === 'ops'
  const isTerminal = process.stdout.isTTY
  const use = isOps ? 'command-line' : 'product'
  const read = readSettings(process.env, { isTerminal, use })
  if (read.kind === 'mistakes') return tellMistakes(read.mistakes)
  const { settings, warnings } = read
  if (isOps) return ops(argv.slice(1), settings)

  const config = readSyncConfigFile(settings.syncConfig)
  const mistakes = [
    ...findUnsupported(settings, { asked: argv, roles }),
    ...(config.kind === 'mistakes' ? config.mistakes : []),
  ]
  if (mistakes.length > 0 || config.kind === 'mistakes') return tellMistakes(mistakes)
  for (const warning of warnings) process.stderr.write(`${warning}\n`)
  const product = await startProduct(settings, config.config)
  if (product.sandbox !== undefined) {
    const { sandbox, gatewayUrl = '', opsUrl } = product
    const places = { gateway: gatewayUrl, ops: opsUrl, outreach: sandbox.outreach.url }
    process.stdout.write(renderTour({ ...places, workbooks: sandbox.workbooks.url }))
  }
  return product.untilStopped()
}

function tellMistakes(mistakes: readonly string[]): ExitCode {
  process.stderr.write(`${mistakes.length} mistake(s) in the settings:\n`)
  for (const mistake of mistakes) process.stderr.write(`- ${mistake}\n`)
  return exitCodes.configuration
}

function ops(argv: readonly string[], settings: Settings): Promise<ExitCode> {
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  return runOps(argv, {
    settings,
    fetch,
    now: Date.now,
    user: userInfo().username,
    stdout: process.stdout,
    stderr: process.stderr,
    wait: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
    signal: stop.signal,
  })
}

if (import.meta.main) {
  try {
    process.exitCode = await main(process.argv.slice(2))
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = exitCodes.broken
  }
}

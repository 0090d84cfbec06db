import { userInfo } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { EventLog } from './event-log/event-log.ts'
import { runOps } from './ops/command-line.ts'
import { AppError } from './runtime/errors.ts'
import { exitCodes, makeLifecycle, type ExitCode } from './runtime/lifecycle.ts'
import { makeLogger } from './runtime/logger.ts'
import { makeMetrics } from './runtime/metrics.ts'
import { readSettings } from './runtime/read-settings.ts'
import { readSyncConfigFile } from './runtime/read-sync-config-file.ts'
import type { Settings } from './runtime/settings.ts'
import { makeSignals } from './runtime/signals.ts'
import { openSandbox, type Sandbox } from './sandbox/open-sandbox.ts'
import { renderTour } from './sandbox/tour.ts'
import type { SyncConfig } from './schemas/sync-config.ts'
import { openDoors } from './start/open-doors.ts'
import { openStores } from './start/open-stores.ts'
import { dataDirOf, type Opening, type Overrides, type Parts } from './start/parts.ts'
import { readRoles, roles as everyRole } from './start/roles.ts'
import { startRoles } from './start/start-roles.ts'

export type { Overrides } from './start/parts.ts'

export type Product = {
  readonly gatewayUrl: string | undefined
  readonly opsUrl: string
  readonly sandbox: Sandbox | undefined
  readonly log: EventLog
  /** Nothing that the consumers took is unfinished. */
  readonly isIdle: () => boolean
  /** What processes tell each other within a second through the state is told, and heard, now. */
  readonly catchUp: () => Promise<void>
  readonly untilStopped: () => Promise<ExitCode>
  readonly stop: (why: string) => Promise<ExitCode>
}

/** Makes every part, hands them to each other, and starts them in the order in which they need each other. */
export async function startProduct(
  settings: Settings,
  config: SyncConfig,
  overrides: Overrides = {},
): Promise<Product> {
  const { logLevel: level, logFormat: format } = settings
  const logger = makeLogger({ level, format, stream: overrides.output ?? process.stdout })
  const { now = Date.now } = overrides
  const metrics = makeMetrics({ withProcess: true })
  const signals = makeSignals({ logger, metrics })
  const lifecycle = makeLifecycle({ process, signals })
  for (const warning of overrides.warnings ?? []) signals.settingWarning(warning)
  try {
    return await Promise.race([
      open(config, { settings, overrides, now, signals, metrics, lifecycle }),
      lifecycle.untilStopped().then((code) => {
        throw new StartBrokenOff(code)
      }),
    ])
  } catch (error) {
    if (error instanceof StartBrokenOff) throw error
    const why = 'the start failed'
    await lifecycle.stop(isRefusal(error) ? { why, code: exitCodes.configuration } : { why, error })
    throw error
  }
}

/** Told to stop before it had started; whatever starts after that is stopped at once. */
class StartBrokenOff extends Error {
  readonly code: ExitCode
  constructor(code: ExitCode) {
    super('The start was broken off.')
    this.code = code
  }
}

async function open(config: SyncConfig, before: Omit<Opening, 'roles'>): Promise<Product> {
  const { overrides, metrics, lifecycle, signals } = before
  const { roles = everyRole } = overrides
  const opening = { ...before, roles }
  const stores = await openStores(opening)
  const { log } = stores
  metrics.watchLags(() => log.lags())
  const parts = { ...opening, ...stores, config }
  const doors = await openDoors(parts)
  const sandbox = await openSandboxFor(parts, doors.gatewayUrl)
  const { isIdle } = await startRoles(parts, { doors, sandbox })
  for (const role of roles) signals.started({ role })
  return {
    gatewayUrl: doors.gatewayUrl,
    opsUrl: doors.opsUrl,
    sandbox,
    log,
    isIdle,
    catchUp: async () => {
      await doors.later.flush()
      await doors.later.look()
    },
    untilStopped: () => lifecycle.untilStopped(),
    stop: (why) => lifecycle.stop({ why }),
  }
}

/** Somebody has to change something first: a port is taken, `DATA_DIR` is in use; its sentence says what. */
function isRefusal(error: unknown): boolean {
  return error instanceof AppError && error.retry === 'never'
}

function codeOf(error: unknown): ExitCode {
  if (error instanceof StartBrokenOff) return error.code
  return isRefusal(error) ? exitCodes.configuration : exitCodes.broken
}

/** For what was written last to be read. */
const lastMs = 500

async function openSandboxFor(
  { settings, lifecycle }: Parts,
  gatewayUrl: string | undefined,
): Promise<Sandbox | undefined> {
  if (settings.mode !== 'sandbox' || gatewayUrl === undefined) return undefined
  const ports =
    settings.port === 0 ? { outreach: 0, workbooks: 0 } : { outreach: 3010, workbooks: 3011 }
  const sandbox = await openSandbox({ dir: dataDirOf(settings), ports, gatewayUrl })
  lifecycle.add({
    stage: 'log',
    name: 'sandbox',
    stop: async () => sandbox[Symbol.asyncDispose](),
  })
  return sandbox
}

async function main(argv: readonly string[]): Promise<ExitCode> {
  const isOps = argv[0] === 'ops'
  const isTerminal = process.stdout.isTTY
  const use = isOps ? 'command-line' : 'product'
  const read = readSettings(process.env, { isTerminal, use })
  const { settings, warnings } = read
  const inSettings = read.kind === 'mistakes' ? read.mistakes : []
  if (isOps) return inSettings.length > 0 ? tellMistakes(inSettings) : ops(argv.slice(1), settings)

  const config = readSyncConfigFile(settings.syncConfig)
  const asked = readRoles(argv, settings)
  const mistakes = [
    ...inSettings,
    ...(asked.kind === 'mistakes' ? asked.mistakes : []),
    ...(config.kind === 'mistakes' ? config.mistakes : []),
  ]
  if (mistakes.length > 0 || config.kind === 'mistakes' || asked.kind === 'mistakes')
    return tellMistakes(mistakes)
  const product = await startProduct(settings, config.config, { warnings, roles: asked.roles })
  if (product.sandbox !== undefined) {
    const { sandbox, gatewayUrl: gateway = '', opsUrl } = product
    const { dataDir } = settings
    process.stdout.write(renderTour({ gateway, ops: opsUrl, dataDir, sandbox }))
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
    if (!(error instanceof StartBrokenOff)) {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    }
    process.exitCode = codeOf(error)
  }
  // A part that did not stop in time must not keep a process alive that has said it has stopped.
  setTimeout(() => process.exit(), lastMs).unref()
}

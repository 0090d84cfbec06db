import { randomBytes, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { kindDefinitions } from '../consumers/sync/kinds/kinds.ts'
import { makeGateway } from '../gateway/make-gateway.ts'
import { makeUsedTokens } from '../gateway/workbooks/used-tokens.ts'
import { makeVerbDeps } from '../ops/make-verb-deps.ts'
import { makeOpsServer } from '../ops/ops-server.ts'
import { readOpsKeys } from '../ops/read-ops-keys.ts'
import packageFile from '../package.json' with { type: 'json' }
import { closeServer } from '../runtime/close-server.ts'
import { openPort } from '../runtime/open-port.ts'
import type { Settings } from '../runtime/settings.ts'
import { sandboxSecrets } from '../sandbox/open-sandbox.ts'
import type { Parts } from './parts.ts'

type OpsApp = ReturnType<typeof makeOpsServer>

export type Doors = {
  /** Undefined in a process that is no gateway. */
  readonly gatewayUrl: string | undefined
  readonly opsUrl: string
  /** What the doors ask of parts that start after them. */
  readonly later: {
    /** Resolves once everything was done that would be done within a second. */
    look: () => Promise<void>
    /** Resolves once the consumers have looked; who polls or fetches looks as well, and is not waited for. */
    poke: () => Promise<void>
    flush: () => Promise<void>
  }
}

/** Opens the gateway's port and the operators'; from here on deliveries are kept. */
export async function openDoors(parts: Parts): Promise<Doors> {
  const { settings, signals, metrics, lifecycle, store, log, roles } = parts
  const nothing = () => Promise.resolve()
  const later: Doors['later'] = { look: nothing, poke: nothing, flush: nothing }
  const notReady = async (): Promise<readonly string[]> => {
    if (lifecycle.isStopping()) return ['This process is stopping.']
    const health = await log.health()
    return health.ok ? [] : [health.why]
  }
  const opsApp = makeOpsServer({
    ...makeVerbDeps({
      store,
      log,
      builtKinds: kindDefinitions.map(({ name }) => name),
      limits: {
        hour: { outreach: settings.outreachCallsPerHour, workbooks: null },
        year: { outreach: settings.outreachCallsPerYear ?? null, workbooks: null },
      },
      now: Date.now,
      randomId: randomUUID,
      randomBytes,
      pausesChanged: () => later.poke(),
      flush: () => later.flush(),
    }),
    keys: await readOpsKeys(settings),
    version: packageFile.version,
    metrics,
    notReady,
    signals,
  })
  const isShared = settings.opsPort === 0
  const gatewayUrl = roles.includes('gateway')
    ? await openGateway(parts, { notReady, ...(isShared && { others: opsApp }) })
    : undefined
  if (isShared && gatewayUrl !== undefined) return { gatewayUrl, opsUrl: gatewayUrl, later }
  return { gatewayUrl, opsUrl: await openOps(parts, opsApp), later }
}

type GatewayParts = {
  readonly notReady: () => Promise<readonly string[]>
  readonly others?: OpsApp
}

async function openGateway(parts: Parts, { notReady, others }: GatewayParts): Promise<string> {
  const { settings, signals, lifecycle, store, log } = parts
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
    ...(others !== undefined && { others }),
  })
  const wanted = { setting: 'PORT', port: settings.port, whenTaken: 'refuse' } as const
  const port = await openPort(gateway.server, wanted)
  signals.listening({ what: 'gateway', port })
  lifecycle.add({ stage: 'doors', name: 'gateway', stop: () => gateway.close() })
  return `http://127.0.0.1:${port}`
}

/**
 * The gateway must get its ports; the other roles take a free one where theirs is taken (product 2), or
 * where it would be the gateway's own.
 */
async function openOps({ settings, roles, signals, lifecycle }: Parts, app: OpsApp) {
  const whenTaken = roles.includes('gateway') ? 'refuse' : 'take a free one'
  const server = createServer(app)
  const port = await openPort(server, { setting: 'OPS_PORT', port: settings.opsPort, whenTaken })
  signals.listening({ what: 'ops', port })
  lifecycle.add({ stage: 'clients', name: 'ops', stop: () => closeServer(server, 2_000) })
  return `http://127.0.0.1:${port}`
}

function secretsOf(settings: Settings) {
  // The simulated systems' own come besides those that are set: every one is accepted (product 2).
  const { outreachWebhook, workbooksWebhook, workbooksHook } = sandboxSecrets
  const beside = (secret: string) => (settings.mode === 'sandbox' ? [secret] : [])
  return {
    outreach: [...beside(outreachWebhook), ...settings.outreachWebhookSecrets],
    workbooksWebhook: [...beside(workbooksWebhook), ...settings.workbooksWebhookSecrets],
    workbooksHook: [...beside(workbooksHook), ...settings.workbooksHookJwtSecrets],
  }
}

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

export type Doors = {
  readonly gatewayUrl: string
  readonly opsUrl: string
  /** What the doors ask of parts that start after them. */
  readonly later: { look: () => Promise<void>; flush: () => Promise<void> }
}

/** Opens the gateway's port and the operators'; from here on deliveries are kept. */
export async function openDoors(parts: Parts): Promise<Doors> {
  const { settings, signals, metrics, lifecycle, store, log } = parts
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
      builtKinds: kindDefinitions.map(({ name }) => name),
      limits: {
        hour: { outreach: settings.outreachCallsPerHour, workbooks: null },
        year: { outreach: settings.outreachCallsPerYear ?? null, workbooks: null },
      },
      now: Date.now,
      randomId: randomUUID,
      randomBytes,
      pausesChanged: () => later.look(),
      flush: () => later.flush(),
    }),
    keys: await readOpsKeys(settings),
    version: packageFile.version,
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
  // The simulated systems' own come besides those that are set: every one is accepted (product 2).
  const { outreachWebhook, workbooksWebhook, workbooksHook } = sandboxSecrets
  const beside = (secret: string) => (settings.mode === 'sandbox' ? [secret] : [])
  return {
    outreach: [...beside(outreachWebhook), ...settings.outreachWebhookSecrets],
    workbooksWebhook: [...beside(workbooksWebhook), ...settings.workbooksWebhookSecrets],
    workbooksHook: [...beside(workbooksHook), ...settings.workbooksHookJwtSecrets],
  }
}

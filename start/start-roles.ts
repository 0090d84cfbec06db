import { setTimeout as sleep } from 'node:timers/promises'
import { makeClients } from '../clients/make-clients.ts'
import type { StoredToken } from '../clients/outreach/tokens/stored-token.ts'
import { makeConsumers } from '../consumers/make-consumers.ts'
import { armWebhooks } from '../gateway/reconciliation/arm-webhooks.ts'
import { makeReconciliation } from '../gateway/reconciliation/make-reconciliation.ts'
import { makeReportProcess } from '../ops/report-process.ts'
import packageFile from '../package.json' with { type: 'json' }
import { toSandboxAccess, type Sandbox } from '../sandbox/open-sandbox.ts'
import { makeJsonFact } from '../state/json-fact.ts'
import type { Doors } from './open-doors.ts'
import { roles, type Parts } from './parts.ts'

/** Makes the clients, and starts the consumers and the reconciliation on them. */
export async function startRoles(
  parts: Parts,
  { doors, sandbox }: { readonly doors: Doors; readonly sandbox: Sandbox | undefined },
) {
  const { settings, signals, lifecycle, store, log, config } = parts
  const now = Date.now
  const counted: { called?: (call: { system: string; lane: string }) => void } = {}
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
        counted.called?.(call)
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

  const { outreachWebUrl, outreachCallsPerHour, publicUrl, outreachWebhookSecrets } = settings
  const consumers = makeConsumers({
    log,
    store,
    ...clients,
    config,
    settings: { outreachWebUrl, outreachCallsPerHour },
    ...(parts.overrides.companyMs !== undefined && { companyMs: parts.overrides.companyMs }),
    now,
    signals,
  })
  doors.later.look = consumers.look
  consumers.start()
  lifecycle.add({ stage: 'consumers', name: 'consumers', stop: () => consumers.stop() })

  const { outreach } = clients
  const url = `${publicUrl ?? ''}/webhooks/outreach`
  const [secret] = outreachWebhookSecrets
  const secretHashes = makeJsonFact<string>(store, 'outreach_webhook_secret_hash')
  const reconciliation = makeReconciliation({
    armWebhooks:
      // Without a secret their deliveries would be turned away.
      publicUrl === undefined || secret === undefined
        ? undefined
        : () => armWebhooks({ outreach, url, secret, secretHashes, now }),
    signals,
  })
  reconciliation.start()
  lifecycle.add({ stage: 'consumers', name: 'reconciliation', stop: () => reconciliation.stop() })
  return consumers
}

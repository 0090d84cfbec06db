import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeClients } from '../clients/make-clients.ts'
import type { StoredToken } from '../clients/outreach/tokens/stored-token.ts'
import { makeConsumers, type Consumers } from '../consumers/make-consumers.ts'
import { armWebhooks } from '../gateway/reconciliation/arm-webhooks.ts'
import { makeReconciliation } from '../gateway/reconciliation/make-reconciliation.ts'
import { makeReportProcess } from '../ops/report-process.ts'
import packageFile from '../package.json' with { type: 'json' }
import { toSandboxAccess, type Sandbox } from '../sandbox/open-sandbox.ts'
import { makeJsonFact } from '../state/json-fact.ts'
import type { Doors } from './open-doors.ts'
import { makeFinding } from './make-finding.ts'
import type { Parts } from './parts.ts'
import { startBackfills, type Background } from './start-backfills.ts'
import { startPoller } from './start-poller.ts'

type Clients = ReturnType<typeof makeClients>
type Beside = { readonly doors: Doors; readonly sandbox: Sandbox | undefined }

/** Makes the clients, and starts the roles that call with them; answers whether any hint is in hand. */
export async function startRoles(parts: Parts, { doors, sandbox }: Beside) {
  const { roles } = parts
  const counted: Counted = {}
  const calls = roles.includes('consumers') || roles.includes('reconciliation')
  const clients = calls ? openClients(parts, { sandbox, counted }) : undefined
  await startReport(parts, { doors, counted, clients })
  const consumers =
    clients !== undefined && roles.includes('consumers')
      ? startConsumers(parts, clients)
      : undefined
  const background =
    clients !== undefined && roles.includes('reconciliation')
      ? startReconciliation(parts, clients)
      : undefined
  doors.later.look = async () => {
    await consumers?.look()
    await background?.look()
  }
  doors.later.poke = async () => {
    background?.poke()
    await consumers?.look()
  }
  return { isIdle: () => (consumers?.isIdle() ?? true) && (background?.isIdle() ?? true) }
}

/** Who counts the calls is made after who makes them. */
type Counted = { called?: (call: { system: string; lane: string }) => void }

function openClients(
  { settings, signals, store, overrides, now }: Parts,
  { sandbox, counted }: { readonly sandbox: Sandbox | undefined; readonly counted: Counted },
): Clients {
  return makeClients({
    settings: sandbox === undefined ? settings : { ...settings, ...toSandboxAccess(sandbox) },
    version: packageFile.version,
    tokenStore: makeJsonFact<StoredToken>(store, 'outreach_token'),
    exclusively: (work) => store.exclusively(['outreach-token'], () => work()),
    now,
    wait: (ms, signal) => sleep(ms, undefined, { ...(signal && { signal }) }),
    ...(overrides.fetch && { fetch: overrides.fetch }),
    signals: {
      ...signals,
      called: (call) => {
        signals.called(call)
        counted.called?.(call)
      },
    },
  })
}

type Reporting = {
  readonly doors: Doors
  readonly counted: Counted
  readonly clients: Clients | undefined
}

async function startReport(parts: Parts, { doors, counted, clients }: Reporting): Promise<void> {
  const { settings, signals, lifecycle, store, roles, now } = parts
  const report = makeReportProcess({
    store,
    gates: clients?.gates ?? [],
    spool: parts.spool,
    roles,
    pid: process.pid,
    process: randomUUID(),
    outcomeRetentionMs: settings.outcomeRetentionDays * 86_400_000,
    now,
    signals,
  })
  counted.called = report.called
  doors.later.flush = report.flush
  await report.start()
  lifecycle.add({ stage: 'clients', name: 'report', stop: () => report.stop() })
}

function startConsumers(parts: Parts, clients: Clients): Consumers {
  const { settings, signals, lifecycle, store, log, config, overrides, now } = parts
  const { outreachWebUrl, outreachCallsPerHour } = settings
  const consumers = makeConsumers({
    log,
    store,
    ...clients,
    config,
    settings: { outreachWebUrl, outreachCallsPerHour },
    isAlone: settings.databaseUrl === undefined,
    ...(overrides.companyMs !== undefined && { companyMs: overrides.companyMs }),
    now,
    signals,
  })
  consumers.start()
  lifecycle.add({ stage: 'consumers', name: 'consumers', stop: () => consumers.stop() })
  return consumers
}

function startReconciliation(parts: Parts, clients: Clients): Background {
  const { settings, signals, lifecycle, store, now } = parts
  const { outreach } = clients
  const { publicUrl, outreachWebhookSecrets } = settings
  const url = `${publicUrl ?? ''}/webhooks/outreach`
  const [secret] = outreachWebhookSecrets
  const secretHashes = makeJsonFact<string>(store, 'outreach_webhook_secret_hash')
  const reconciliation = makeReconciliation({
    armWebhooks:
      // Without a secret their deliveries would be turned away.
      publicUrl === undefined || secret === undefined
        ? undefined
        : () =>
            store.exclusively(['outreach-webhooks'], (held) =>
              armWebhooks({ outreach, url, secret, secretHashes, now, held }),
            ),
    signals,
  })
  reconciliation.start()
  lifecycle.add({ stage: 'consumers', name: 'reconciliation', stop: () => reconciliation.stop() })
  const finding = makeFinding(parts)
  const all = [startPoller(parts, clients, finding), startBackfills(parts, clients, finding)]
  return {
    look: async () => {
      for (const each of all) await each.look()
    },
    poke: () => {
      for (const each of all) each.poke()
    },
    isIdle: () => all.every((each) => each.isIdle()),
  }
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Role } from '../../../start/roles.ts'
import { findFreePort } from '../../start-house.ts'
import type { StoreSettings } from '../open-bench-stores.ts'
import { untilReady } from '../until-ready.ts'
import type { SystemsAnswer } from './systems.ts'
import { systemsSecrets } from './systems-secrets.ts'

type Place = {
  readonly dir: string
  readonly port: number
  readonly systems: SystemsAnswer
  /** Without: the embedded ones, and everything in one process. */
  readonly stores?: StoreSettings | undefined
}

const root = join(import.meta.dirname, '../../..')

export type RunningProduct = AsyncDisposable & {
  /** Of the process that calls Outreach and Workbooks. */
  readonly metrics: () => Promise<string>
}

/** The product as it is shipped: one process on the embedded stores, or a gateway and a consumer on shared ones. */
export async function startProductProcesses(place: Place): Promise<RunningProduct> {
  if (place.stores === undefined) return startProductProcess(place)
  await using opened = new AsyncDisposableStack()
  opened.use(await startProductProcess({ ...place, role: 'gateway' }))
  const port = await findFreePort()
  const consumers = opened.use(await startProductProcess({ ...place, port, role: 'consumers' }))
  const kept = opened.move()
  return { metrics: consumers.metrics, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

type StartOptions = {
  readonly role?: Role
  /** For the interpreter. */
  readonly flags?: readonly string[]
}

/** One process, `node start.ts <role>`; operators reach it on the same port. */
export async function startProductProcess({
  dir,
  port,
  systems,
  stores,
  role,
  flags = [],
}: Place & StartOptions): Promise<RunningProduct & { readonly pid: number }> {
  const args = [...flags, 'start.ts', ...(role === undefined ? [] : [role])]
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...stores,
      ...(role === undefined || role === 'gateway'
        ? { PORT: String(port), OPS_PORT: '0' }
        : { OPS_PORT: String(port) }),
      DATA_DIR: dir,
      LOG_LEVEL: 'info',
      LOG_FORMAT: 'json',
      OUTREACH_API_URL: systems.outreachUrl,
      OUTREACH_ACCESS_TOKEN: systemsSecrets.outreachToken,
      OUTREACH_WEBHOOK_SECRETS: systemsSecrets.outreachWebhook,
      OUTREACH_CALLS_PER_HOUR: '1000000',
      WORKBOOKS_API_URL: systems.workbooksUrl,
      WORKBOOKS_API_KEY: systems.workbooksApiKey,
      WORKBOOKS_HOOK_JWT_SECRETS: systemsSecrets.workbooksHook,
      OPS_JWT_SECRET: systemsSecrets.ops,
    },
  })
  const exited = once(child, 'exit')
  const address = `http://127.0.0.1:${port}`
  await untilReady(address, () => child.exitCode !== null)
  return {
    pid: child.pid ?? 0,
    metrics: async () => (await fetch(`${address}/metrics`)).text(),
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await exited
    },
  }
}

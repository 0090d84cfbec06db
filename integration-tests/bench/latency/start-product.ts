import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { SystemsAnswer } from './systems.ts'
import { systemsSecrets } from './systems-secrets.ts'

type Place = {
  readonly dir: string
  readonly port: number
  readonly systems: SystemsAnswer
}

const root = join(import.meta.dirname, '../../..')

export type RunningProduct = AsyncDisposable & { readonly metrics: () => Promise<string> }

/** The product as it is shipped, `node start.ts`, in a process of its own. */
export async function startProductProcess({ dir, port, systems }: Place): Promise<RunningProduct> {
  const child = spawn(process.execPath, ['start.ts'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      PORT: String(port),
      OPS_PORT: '0',
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
  while (!(await isReady(address))) {
    if (child.exitCode !== null) throw new Error(`the product ended with code ${child.exitCode}`)
    await wait(50)
  }
  return {
    metrics: async () => (await fetch(`${address}/metrics`)).text(),
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await exited
    },
  }
}

async function isReady(address: string): Promise<boolean> {
  try {
    return (await fetch(`${address}/readyz`)).ok
  } catch {
    return false
  }
}

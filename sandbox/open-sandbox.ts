import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openSimulatedOutreach, type SimulatedOutreach } from './outreach/simulated-outreach.ts'
import { openSimulatedWorkbooks, type SimulatedWorkbooks } from './workbooks/simulated-workbooks.ts'

type Options = {
  /** Where the simulated systems keep their records, so that a restart finds them. */
  readonly dir: string
  readonly ports: { readonly outreach: number; readonly workbooks: number }
  /** The product's address: `<gateway>/webhooks/outreach` and `/workbooks`. */
  readonly gatewayUrl: string
}

export type Sandbox = AsyncDisposable & {
  readonly outreach: SimulatedOutreach
  readonly workbooks: SimulatedWorkbooks
}

/** Credentials of the simulated systems: known to everybody, worth nothing anywhere else. */
export const sandboxSecrets = {
  outreachToken: 'sandbox-outreach-token',
  outreachWebhook: 'sandbox-outreach-webhook-secret',
  workbooksHook: 'sandbox-workbooks-hook-secret',
  workbooksWebhook: 'sandbox-workbooks-webhook-secret',
} as const

/** A stand-in Outreach and Workbooks on loopback ports, which send their webhooks to the product. */
export async function openSandbox({ dir, ports, gatewayUrl }: Options): Promise<Sandbox> {
  await mkdir(dir, { recursive: true })
  const outreach = await onAPort(ports.outreach, (port) =>
    openSimulatedOutreach({
      port,
      journalFile: join(dir, 'outreach.jsonl'),
      accessTokens: [{ token: sandboxSecrets.outreachToken }],
      subscriptions: [
        {
          url: `${gatewayUrl}/webhooks/outreach`,
          secret: sandboxSecrets.outreachWebhook,
          resource: '*',
          action: '*',
          payloadVersion: 2,
        },
      ],
    }),
  )
  const workbooks = await onAPort(ports.workbooks, (port) =>
    openSimulatedWorkbooks({
      port,
      journalFile: join(dir, 'workbooks.jsonl'),
      hook: { url: `${gatewayUrl}/webhooks/workbooks`, jwtSecret: sandboxSecrets.workbooksHook },
    }),
  )
  return {
    outreach,
    workbooks,
    async [Symbol.asyncDispose]() {
      await Promise.all([outreach.close(), workbooks.close()])
    },
  }
}

/** The settings that lead a product to the simulated systems instead of the real ones. */
export function toSandboxAccess({ outreach, workbooks }: Sandbox) {
  return {
    outreachApiUrl: outreach.url,
    outreachAccess: 'token',
    outreachAccessToken: sandboxSecrets.outreachToken,
    workbooksApiUrl: workbooks.url,
    workbooksApiKey: workbooks.apiKey,
  } as const
}

/** The usual port, so that the tour's lines can be repeated; another one where it is taken. */
async function onAPort<System>(
  port: number,
  open: (port: number) => Promise<System>,
): Promise<System> {
  try {
    return await open(port)
  } catch (error) {
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    if (!isTaken || port === 0) throw error
    return open(0)
  }
}

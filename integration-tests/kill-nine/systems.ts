import { openSimulatedOutreach } from '../../sandbox/outreach/simulated-outreach.ts'
import { openSimulatedWorkbooks } from '../../sandbox/workbooks/simulated-workbooks.ts'
import { houseSecrets } from '../start-house.ts'

export type Systems = {
  readonly outreach: Awaited<ReturnType<typeof openSimulatedOutreach>>
  readonly workbooks: Awaited<ReturnType<typeof openSimulatedWorkbooks>>
}

/** The two systems, whose senders try for as long as any restart takes, closed with the stack. */
export async function openSystems(
  stack: AsyncDisposableStack,
  { url, seed }: { readonly url: string; readonly seed: number },
): Promise<Systems> {
  const subscription = { resource: '*', action: '*', payloadVersion: 2 } as const
  const outreach = await openSimulatedOutreach({
    seed,
    accessTokens: [{ token: houseSecrets.outreachToken }],
    subscriptions: [
      { ...subscription, url: `${url}/webhooks/outreach`, secret: houseSecrets.outreachWebhook },
    ],
    webhooks: { delayMs: { from: 1, to: 5 }, attempts: 300, attemptGapMs: 100 },
  })
  stack.defer(() => outreach.close())
  const workbooks = await openSimulatedWorkbooks({
    seed,
    hook: {
      url: `${url}/webhooks/workbooks`,
      jwtSecret: houseSecrets.workbooksHook,
      disorder: { retryMs: 100, retries: 300 },
    },
  })
  stack.defer(() => workbooks.close())
  return { outreach, workbooks }
}

type Places = Systems & {
  readonly port: number
  readonly opsPort: number
  readonly dir: string
}

/** The settings of a product between them. */
export function toEnv({ port, opsPort, dir, outreach, workbooks }: Places) {
  return {
    PORT: String(port),
    OPS_PORT: String(opsPort),
    DATA_DIR: dir,
    OUTREACH_API_URL: outreach.url,
    OUTREACH_ACCESS_TOKEN: houseSecrets.outreachToken,
    OUTREACH_WEBHOOK_SECRETS: houseSecrets.outreachWebhook,
    WORKBOOKS_API_URL: workbooks.url,
    WORKBOOKS_API_KEY: workbooks.apiKey,
    WORKBOOKS_HOOK_JWT_SECRETS: houseSecrets.workbooksHook,
    OPS_JWT_SECRET: houseSecrets.ops,
    LOG_FORMAT: 'json',
  }
}

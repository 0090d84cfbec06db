// A process of its own with both simulated systems, the people in them, and a clock beside their screens.
import { setTimeout as wait } from 'node:timers/promises'
import { openSimulatedOutreach } from '../../../sandbox/outreach/simulated-outreach.ts'
import { openSimulatedWorkbooks } from '../../../sandbox/workbooks/simulated-workbooks.ts'
import { serveParent } from '../child.ts'
import { systemsSecrets } from './systems-secrets.ts'

export type Edits = {
  readonly kind: 'edit'
  readonly side: 'workbooks' | 'outreach'
  readonly count: number
  /** One after the other where absent. */
  readonly perSecond?: number
}

export type SystemsAsk =
  { readonly kind: 'urls' } | { readonly kind: 'link'; readonly count: number } | Edits

export type SystemsAnswer = {
  readonly outreachUrl: string
  readonly workbooksUrl: string
  readonly workbooksApiKey: string
  /** From the edit, announced at once, to its write in the other system. */
  readonly latenciesMs: readonly number[]
}

const lookEveryMs = 1
const longestMs = 30_000

const [gatewayUrl = ''] = process.argv.slice(2)
const outreach = await openSimulatedOutreach({
  accessTokens: [{ token: systemsSecrets.outreachToken }],
  subscriptions: [
    {
      url: `${gatewayUrl}/webhooks/outreach`,
      secret: systemsSecrets.outreachWebhook,
      resource: '*',
      action: '*',
      payloadVersion: 2,
    },
  ],
  // An hour's calls are used up within minutes here.
  rateLimit: { limit: 1_000_000 },
  // What a real Outreach takes before it sends is not the product's.
  webhooks: { delayMs: { from: 0, to: 0 } },
})
const workbooks = await openSimulatedWorkbooks({
  hook: {
    url: `${gatewayUrl}/webhooks/workbooks`,
    jwtSecret: systemsSecrets.workbooksHook,
    disorder: { delayMs: [0, 0] },
  },
})
let pairs: readonly { readonly w: number; readonly o: number }[] = []

serveParent(answer, async () => {
  await Promise.all([outreach.close(), workbooks.close()])
})

async function answer(ask: SystemsAsk): Promise<SystemsAnswer> {
  if (ask.kind === 'link') await link(ask.count)
  return {
    outreachUrl: outreach.url,
    workbooksUrl: workbooks.url,
    workbooksApiKey: workbooks.apiKey,
    latenciesMs: ask.kind === 'edit' ? await edit(ask) : [],
  }
}

async function link(count: number): Promise<void> {
  const made = Array.from({ length: count }, (_, at) =>
    Number(
      workbooks.person.create('organisations', {
        name: `Linked ${at}`,
        cf_organisation_sync_to_outreach: true,
      })['id'],
    ),
  )
  pairs = await Promise.all(
    made.map(async (w) => {
      const outreachId = () =>
        Number(workbooks.person.read('organisations', w)?.['cf_organisation_outreach_id'])
      await until(() => outreachId() > 0)
      return { w, o: outreachId() }
    }),
  )
}

async function edit({ side, count, perSecond }: Edits): Promise<readonly number[]> {
  const latencies: Promise<number>[] = []
  const began = performance.now()
  for (let at = 0; at < count; at++) {
    const latency = editOne(side, at)
    latencies.push(latency)
    if (perSecond === undefined) await latency
    else await wait(Math.max(0, began + (1_000 / perSecond) * (at + 1) - performance.now()))
  }
  return Promise.all(latencies)
}

async function editOne(side: Edits['side'], at: number): Promise<number> {
  const { w, o } = pairs[at % pairs.length] ?? { w: 0, o: 0 }
  const name = `Renamed in ${side}, ${at}`
  const began = performance.now()
  if (side === 'workbooks') {
    workbooks.person.update('organisations', w, { name })
    await until(() => outreach.person.read('account', o)?.attributes['name'] === name)
  } else {
    outreach.person.update('account', o, { attributes: { name } })
    await until(() => workbooks.person.read('organisations', w)?.['name'] === name)
  }
  return performance.now() - began
}

async function until(isSo: () => boolean): Promise<void> {
  const last = performance.now() + longestMs
  while (!isSo()) {
    if (performance.now() > last) throw new Error(`nothing has come within ${longestMs} ms`)
    await wait(lookEveryMs)
  }
}

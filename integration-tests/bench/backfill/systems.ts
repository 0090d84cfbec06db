// A process of its own with both simulated systems, which announce nothing, and years of accounts in one.
import { openSimulatedOutreach } from '../../../sandbox/outreach/simulated-outreach.ts'
import { openSimulatedWorkbooks } from '../../../sandbox/workbooks/simulated-workbooks.ts'
import { serveParent } from '../child.ts'
import { systemsSecrets } from '../latency/systems-secrets.ts'

export type BackfillAsk =
  { readonly kind: 'fill'; readonly accounts: number } | { readonly kind: 'count' }

export type BackfillAnswer = {
  readonly outreachUrl: string
  readonly workbooksUrl: string
  readonly workbooksApiKey: string
  readonly organisations: number
  readonly calls: number
}

const dayMs = 86_400_000

const outreach = await openSimulatedOutreach({
  accessTokens: [{ token: systemsSecrets.outreachToken }],
  // An hour's calls are used up within minutes here.
  rateLimit: { limit: 10_000_000 },
})
const workbooks = await openSimulatedWorkbooks()

serveParent(answer, async () => {
  await Promise.all([outreach.close(), workbooks.close()])
})

function answer(ask: BackfillAsk): BackfillAnswer {
  if (ask.kind === 'fill') fill(ask.accounts)
  const counts = { ...outreach.calls.counts(), ...workbooks.calls.counts() }
  const calls = Object.entries(counts).filter(([name]) => !/^(rows|changed) /.test(name))
  return {
    outreachUrl: outreach.url,
    workbooksUrl: workbooks.url,
    workbooksApiKey: workbooks.apiKey,
    organisations: workbooks.person.list('organisations').length,
    calls: calls.reduce((sum, [, count]) => sum + count, 0),
  }
}

function fill(accounts: number): void {
  outreach.clock.advance(-dayMs)
  for (let at = 0; at < accounts; at += 1) {
    const attributes = { name: `Account ${at}`, named: true, locality: 'Leeds' }
    outreach.person.create('account', { attributes })
  }
  outreach.clock.advance(dayMs)
}

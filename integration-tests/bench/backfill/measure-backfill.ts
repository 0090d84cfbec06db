import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { signToken } from '../../../ops/sign-token.ts'
import { findFreePort } from '../../start-house.ts'
import { startChild, type Child } from '../child.ts'
import { startProductProcess } from '../latency/start-product.ts'
import { systemsSecrets } from '../latency/systems-secrets.ts'
import { readMemory } from '../read-memory.ts'
import { renderTable } from '../render-table.ts'
import type { BackfillAnswer, BackfillAsk } from './systems.ts'

type Options = {
  /** Accounts that were there before the product was connected. */
  readonly records: number
  readonly tell: (line: string) => void
}

/** What the product answers about a backfill (product 6). */
type Backfill = {
  readonly id: string
  readonly state: string
  readonly records: number | null
  readonly done: number
  readonly calls: number | null
  readonly secondsLeft: number | null
}

const longestMs = 60 * 60_000
const tellEveryMs = 10_000

/** How quickly old accounts become organisations, all in one process on the embedded stores, and in what memory. */
export async function measureBackfill({ records, tell }: Options): Promise<string> {
  await using opened = new AsyncDisposableStack()
  const data = join(import.meta.dirname, '../../../data')
  await mkdir(data, { recursive: true })
  const dir = await mkdtemp(join(data, 'bench-'))
  opened.defer(() => rm(dir, { recursive: true, force: true }))
  const systems: Child<BackfillAsk, BackfillAnswer> = opened.use(
    await startChild({ file: new URL('./systems.ts', import.meta.url) }),
  )
  tell(`${records} accounts are made`)
  const filled = await systems.ask({ kind: 'fill', accounts: records })
  const port = await findFreePort()
  const place = { dir, port, systems: { ...filled, latenciesMs: [] } }
  const product = opened.use(await startProductProcess(place))
  const ops = makeOps(`http://127.0.0.1:${port}`)
  await untilConnected(ops)
  const before = await readMemory(product.pid)
  const plan = await ops<Backfill>('POST', '/ops/backfills', { kind: 'organisation', plan: true })
  tell(`planned: ${JSON.stringify(plan)}`)
  const calls = (await systems.ask({ kind: 'count' })).calls
  const began = performance.now()
  await ops('POST', '/ops/backfills', { kind: 'organisation' })
  await untilDone(ops, tell)
  const { organisations, ...after } = await untilCreated(systems, records)
  const seconds = (performance.now() - began) / 1_000
  const memory = await readMemory(product.pid)
  const cells = [
    seconds.toFixed(0),
    (organisations / seconds).toFixed(0),
    String(after.calls - calls),
    ((after.calls - calls) / records).toFixed(3),
    before.now.toFixed(0),
    memory.peak.toFixed(0),
    memory.now.toFixed(0),
  ]
  const heads = [
    '',
    'seconds',
    'records/s',
    'calls',
    'a record',
    'idle MB',
    'most MB',
    'MB at the end',
  ]
  return [
    `(k) Backfill of ${records} accounts that were there before first connection, into an empty Workbooks.`,
    '    One process on the embedded stores; the simulated systems, in another, announce nothing.',
    '',
    renderTable(heads, [[`${records} accounts`, ...cells]]),
  ].join('\n')
}

type Ops = <Answer>(method: 'GET' | 'POST', path: string, body?: unknown) => Promise<Answer>

function makeOps(url: string): Ops {
  return async <Answer>(method: string, path: string, body?: unknown) => {
    const scopes = ['ops:read', 'ops:write'] as const
    const claims = { sub: 'bench', scopes, forSeconds: 60, now: Date.now() }
    const authorization = `Bearer ${signToken(systemsSecrets.ops, claims)}`
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${text}`)
    // Our own answers, in the form of product 6.
    return JSON.parse(text) as Answer
  }
}

/** The consumers have settled their kinds, and the first interval is over. */
async function untilConnected(ops: Ops): Promise<void> {
  await until('the first interval is over', async () => {
    const { cursors } = await ops<{ cursors: readonly unknown[] }>('GET', '/ops/status')
    return cursors.length > 0
  })
}

async function untilDone(ops: Ops, tell: Options['tell']): Promise<void> {
  let toldAt = 0
  await until('the backfill is over', async () => {
    const { backfills } = await ops<{ backfills: readonly Backfill[] }>('GET', '/ops/backfills')
    const one = backfills[0]
    if (one !== undefined && performance.now() - toldAt > tellEveryMs) {
      tell(JSON.stringify(one))
      toldAt = performance.now()
    }
    return one !== undefined && one.state === 'done'
  })
}

/** The last of what was asked for may still be in hand. */
async function untilCreated(
  systems: Child<BackfillAsk, BackfillAnswer>,
  records: number,
): Promise<BackfillAnswer> {
  let answer: BackfillAnswer | undefined
  await until('every organisation is there', async () => {
    answer = await systems.ask({ kind: 'count' })
    return answer.organisations >= records
  })
  if (answer === undefined) throw new Error('nobody counted the organisations')
  return answer
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + longestMs
  while (!(await isSo())) {
    if (performance.now() > end)
      throw new Error(`within ${longestMs} ms it did not come to this: ${what}`)
    await wait(250)
  }
}

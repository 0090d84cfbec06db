import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Outcome } from '../../schemas/outcome.ts'
import type { Events } from '../kill-nine/checks.ts'
import type { Life } from '../kill-nine/lives.ts'
import { orderInterval, readStatus } from '../kill-nine/read-status.ts'
import type { Systems } from '../kill-nine/systems.ts'
import { assertConverged } from './assert-converged.ts'
import { assertNothingLostSilently } from './assert-nothing-silent.ts'
import { countWrites } from './count-writes.ts'
import { setDisorder, type Disorder } from './disorder.ts'
import { makeHistory, type History } from './make-history.ts'
import { kindNames } from './known.ts'
import type { MoveName } from './moves.ts'

/** `CHAOS_MINUTES=10` makes it long, `SEED=7` another one, `CHAOS_LOST=0` loses no webhook. */
export const chaosOrders = {
  ms: 60_000 * Number(process.env['CHAOS_MINUTES'] ?? 0.25),
  seed: Number(process.env['SEED'] ?? 1),
  lost: Number(process.env['CHAOS_LOST'] ?? 0.05),
} as const

const weights = {
  ...{ 'edit a field': 6, 'edit a link': 4, 'edit a field on both sides': 2, 'type an amount': 1 },
  ...{ 'opt out or in': 2, 'add a contact': 5, 'change a role': 4, 'remove a contact': 3 },
  ...{ 'make an organisation': 1, 'make a person': 2, 'make an opportunity': 2 },
  ...{ 'let an organisation in': 1, 'flag a person': 1, 'delete a record': 2 },
} as const satisfies Partial<Record<MoveName, number>>

const beginning: readonly MoveName[] = [
  ...Array.from({ length: 4 }, () => 'make an organisation' as const),
  ...Array.from({ length: 8 }, () => 'make a person' as const),
  ...Array.from({ length: 6 }, () => 'make an opportunity' as const),
  'make an organisation that is kept out',
]

const disorder: Disorder = { lateMs: 150, doubled: 0.3 }

/** People who do not wait for anybody. `lost`: the share of webhooks that nobody but a poller makes up for. */
export function makeChaos(systems: Systems, seed: number, lost = 0): History {
  const history = makeHistory({ systems, seed, weights })
  for (const move of beginning) history.make(move)
  setDisorder(systems, { ...disorder, lost })
  return history
}

/** One after the other, at the pace of a busy office, for so long. */
export async function playFor(history: History, ms: number): Promise<number> {
  const until = Date.now() + ms
  let steps = 0
  while (Date.now() < until) {
    history.step()
    steps += 1
    await sleep(history.random() * 120)
  }
  return steps
}

/** The first records have partners: from then on people can edit what both systems have. */
export async function untilBegun({ world: { population } }: History, ms = 120_000): Promise<void> {
  const until = Date.now() + ms
  const left = () => beginning.length - 1 - kindNames.flatMap(population.linked).length
  while (left() > 0) {
    assert.ok(Date.now() < until, `${left()} of the first records have no partner`)
    await sleep(50)
  }
}

/** So that what no webhook told is found while the chaos lasts. */
export const searching = {
  env: { RECONCILE_INTERVAL_SECONDS: '5', LOG_LEVEL: 'debug' },
  sweepPaceMs: 0,
} as const

type Searching = {
  /** What the process that looks has said so far. */
  readonly said: () => string
  readonly opsPort: number
}

/** Every list was asked for since, and the sweep has been through all pairs; webhooks are lost no more. */
export async function untilFound(systems: Systems, { said, opsPort }: Searching): Promise<void> {
  setDisorder(systems, disorder)
  const url = `http://127.0.0.1:${opsPort}`
  const since = Date.now()
  const sweeps = () => said().match(/"pairs swept"/g)?.length ?? 0
  // A whole round begins where the last one was.
  const enough = sweeps() + kindNames.length + 1
  let isOrdered = false
  for (;;) {
    const left = await whatIsLeft().catch(String)
    if (left === undefined) return
    assert.ok(Date.now() < since + 120_000, `${left}: ${said().slice(-3_000)}`)
    await sleep(100)
  }

  async function whatIsLeft(): Promise<string | undefined> {
    // It may have begun to live just now: then it answers nobody yet.
    if (!isOrdered) await orderInterval(url)
    isOrdered = true
    const { cursors } = await readStatus(url)
    const old = cursors.filter(({ at }) => Date.parse(at) <= since)
    if (cursors.length === 0 || old.length > 0) return `not polled: ${JSON.stringify(old)}`
    return sweeps() < enough ? 'not swept' : undefined
  }
}

type Killing = {
  /** Already begun. */
  readonly first: Life
  readonly begin: () => Life
  /** 0 to 1. */
  readonly random: () => number
  readonly ms: number
  /** How long each lives: at least, and at most. */
  readonly livesMs: readonly [number, number]
  /** Once it is dead. */
  readonly bury?: () => Promise<void>
}

/** Kills the process and begins another; the one that lives at the end. */
export async function killAgainAndAgain({ first, begin, bury, ...how }: Killing) {
  const until = Date.now() + how.ms
  const [least, most] = how.livesMs
  let kills = 0
  let life = first
  while (Date.now() < until) {
    await Promise.race([life.ended, sleep(least + how.random() * (most - least))])
    life.signal('SIGKILL')
    assert.equal((await life.ended).signal, 'SIGKILL', life.said().slice(-3_000))
    await bury?.()
    kills += 1
    life = begin()
  }
  return { life, kills }
}

/** What must hold once everything is quiet; a line that tells what it was. */
export function checkChaos(systems: Systems, history: History, events: Events): string {
  assert.deepEqual(events.get('gateway.quarantine'), [])
  // `sync.outcome` holds what the sync's schema allows.
  const outcomes = (events.get('sync.outcome') ?? []).map(({ data }) => data as Outcome)
  assertConverged(history, outcomes)
  const { lostAndTold } = assertNothingLostSilently(history, outcomes)
  const [writes, most] = [countWrites(systems), history.book.most()]
  assert.ok(writes <= most, `${writes} writes for ${most} edits`)
  const edits = history.book.edits().length
  return `${writes} writes, at most ${most}; ${edits} edits of fields, ${lostAndTold} of them lost and told`
}

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openEmbeddedLog } from '../../event-log/embedded-log.ts'
import { migrations } from '../../state/schema.ts'
import { openEmbeddedState } from '../../state/embedded-state.ts'
import { signToken } from '../../ops/sign-token.ts'
import type { GatewayEvent } from '../../schemas/event.ts'
import type { Outcome } from '../../schemas/outcome.ts'
import { findFreePort, houseSecrets } from '../start-house.ts'
import { makeLives, type Life } from './lives.ts'
import { isContested, makePeople, type Known, type People } from './people.ts'
import { points, type PointName, type Stir } from './points.ts'
import { openRecordingDoor, type Acknowledged } from './recording-door.ts'
import { openSystems, toEnv, type Systems } from './systems.ts'

const seed = 20_260_302
const mostEdits = 200

test('kill -9 at every named point loses nothing, doubles nothing and undoes nobody', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'kill-nine-'))
  const [port, opsPort] = [await findFreePort(), await findFreePort()]
  await using stack = new AsyncDisposableStack()
  stack.defer(() => rm(dir, { recursive: true, force: true }))
  const door = await openRecordingDoor(port)
  stack.defer(() => door.close())
  const { outreach, workbooks } = await openSystems(stack, { url: door.url, seed })
  const env = toEnv({ port, opsPort, dir, outreach, workbooks })
  const passesFile = join(dir, 'passes')
  const lives = makeLives({ dir, env, passesFile })
  stack.defer(() => lives.close())
  const random = makeRandom(seed)
  const people = makePeople({ outreach, workbooks, random })

  const plan = makePlan(random)
  for (const { at, stir } of plan) {
    const life = lives.start({ kill: { at, pass: 1 } })
    await stirUntilKilled(people, { life, at, stir })
  }
  const last = lives.start()
  while (people.count() < mostEdits) {
    people.edit()
    await sleep(5)
  }
  const whenQuiet = async () => {
    await Promise.all([outreach.whenQuiet(), workbooks.whenQuiet()])
  }
  await untilSettled({ life: last, opsPort, whenQuiet })
  last.signal('SIGTERM')
  assert.deepEqual(await last.ended, { code: 0, signal: null }, last.said())

  const table = await readTable(passesFile)
  process.stdout.write(
    `${render(table)}\n${people.count()} edits by people, ${plan.length} kills\n`,
  )
  assert.deepEqual(
    plan.filter(({ at }) => (table.get(at)?.killed ?? 0) === 0),
    [],
    'points at which nothing was killed',
  )

  const lost = outreach.webhooks.sent().filter(({ result }) => result.kind !== 'answered')
  assert.deepEqual(lost, [], 'deliveries lost by Outreach, which is no fault of the product')
  assert.equal(workbooks.hooks.counts().failed, 0, 'deliveries lost by Workbooks')
  assert.deepEqual(new Set(door.answers), new Set([200]))

  const events = await readEvents(dir)
  const standing = people.book().filter(({ deletedIn }) => deletedIn === undefined)
  const different = standing.filter((known) => people.differences(known).length > 0)
  assert.equal(
    different.map((known) => explain(known, people, events)).join('\n'),
    '',
    'the last human edits stand on both sides',
  )
  assertNothingDoubled({ outreach, workbooks, people })
  assertNothingLost(events, door.acknowledged)
  assertRightWinners(events, people)
  await assertEverythingTold(dir, events)
}, 240_000)

/** In an order of chance: two kills at one door in a row would wear out a sender's four attempts. */
function makePlan(random: () => number) {
  return Object.entries(points)
    .flatMap(([name, stir]) => [
      { at: `before: ${name}`, stir, rank: random() },
      { at: `after: ${name}`, stir, rank: random() },
    ])
    .sort((one, other) => one.rank - other.rank)
}

type Stirred = { readonly life: Life; readonly at: string; readonly stir: Stir }

async function stirUntilKilled(people: People, { life, at, stir }: Stirred): Promise<void> {
  const until = Date.now() + 30_000
  const ended = life.ended.then((end) => end)
  for (let turn = 0; ; turn += 1) {
    if (turn % 20 === 0) {
      people.stir(stir)
      if (people.count() < mostEdits - 20) people.edit()
    }
    const end = await Promise.race([ended, sleep(50)])
    if (end !== undefined) {
      assert.equal(end.signal, 'SIGKILL', `it ended by itself: ${life.said()}`)
      return
    }
    if (Date.now() > until) throw new Error(`no pass through "${at}": ${life.said().slice(-2_000)}`)
  }
}

type Settling = {
  readonly life: Life
  readonly opsPort: number
  readonly whenQuiet: () => Promise<void>
}

/** Every delivery has come, every event is handled, and nothing is parked: three times in a row. */
async function untilSettled({ life, opsPort, whenQuiet }: Settling): Promise<void> {
  const until = Date.now() + 60_000
  const claims = { sub: 'test', scopes: ['ops:read'], forSeconds: 60, now: Date.now() } as const
  const authorization = `Bearer ${signToken(houseSecrets.ops, claims)}`
  let said = ''
  for (let quiet = 0; quiet < 3;) {
    await sleep(50)
    if (Date.now() > until) throw new Error(`not settled: ${said}\n${life.said().slice(-3_000)}`)
    await whenQuiet()
    const answer = await fetch(`http://127.0.0.1:${opsPort}/ops/status`, {
      headers: { authorization },
    }).catch(() => undefined)
    if (answer === undefined) continue
    // Our own answer, in the form of product 6.
    const status = (await answer.json()) as {
      groups: { lagEvents: number }[]
      kinds: { parked: number }[]
    }
    said = JSON.stringify({ groups: status.groups, kinds: status.kinds })
    const left = [
      ...status.groups.map((one) => one.lagEvents),
      ...status.kinds.map((one) => one.parked),
    ]
    quiet = left.length > 1 && left.every((count) => count === 0) ? quiet + 1 : 0
  }
}

type Passes = { passed: number; killed: number }

async function readTable(file: string): Promise<ReadonlyMap<string, Passes>> {
  const table = new Map<string, Passes>()
  for (const line of (await readFile(file, 'utf8')).split('\n')) {
    const [at = ''] = line.split(' KILLED')
    const passes = table.get(at) ?? { passed: 0, killed: 0 }
    table.set(at, {
      passed: passes.passed + 1,
      killed: passes.killed + (line.endsWith(' KILLED') ? 1 : 0),
    })
  }
  return table
}

function render(table: ReadonlyMap<string, Passes>): string {
  const names = Object.keys(points) as PointName[] // its own keys
  const cell = (at: string) => {
    const { passed, killed } = table.get(at) ?? { passed: 0, killed: 0 }
    return `${String(passed).padStart(7)} ${String(killed).padStart(7)}`
  }
  const rows = names.map(
    (name) => `${name.padEnd(36)} ${cell(`before: ${name}`)}  ${cell(`after: ${name}`)}`,
  )
  const head = `${''.padEnd(36)}  before  killed    after  killed`
  return ['kill -9: times passed and killed, before and after each point', head, ...rows].join('\n')
}

function assertNothingDoubled({ outreach, workbooks, people }: Systems & { people: People }): void {
  const accounts = outreach.person.list('account')
  const rows = workbooks.person.list('organisations')
  // In neither system was a record made again for one that a person deleted.
  const gone = people.book().filter(({ deletedIn }) => deletedIn === 'outreach').length
  assert.equal(accounts.length, people.book().length - gone)
  expectUnique(
    'account names',
    accounts.map(({ attributes }) => attributes['name']),
  )
  expectUnique(
    'customIds',
    accounts.flatMap(({ attributes }) => attributes['customId'] ?? []),
  )
  assert.equal(rows.length, people.book().length)
  expectUnique(
    'organisation names',
    rows.map((row) => row['name']),
  )
  expectUnique(
    'Outreach Ids',
    rows.map((row) => row['cf_organisation_outreach_id']),
  )
  const flags = ['cf_organisation_outreach_sync_error', 'cf_organisation_outreach_duplicate']
  const flagged = rows.filter((row) => flags.some((flag) => row[flag] === true))
  assert.deepEqual(flagged, [], 'flagged organisations')
}

function expectUnique(what: string, values: readonly unknown[]): void {
  expect([...values].sort(), what).toEqual([...new Set(values)].sort())
}

async function readEvents(dir: string): Promise<ReadonlyMap<string, readonly GatewayEvent[]>> {
  await using log = await openEmbeddedLog({ dir, retention: { maxAgeMs: 86_400_000 } })
  const topics = [
    'outreach.account',
    'workbooks.organisation',
    'sync.outcome',
    'gateway.quarantine',
  ]
  const found = new Map<string, GatewayEvent[]>()
  for (const topic of topics) {
    const entries = await log.read({
      topic,
      partition: 0,
      from: { offset: 0n },
      limit: 100_000,
    })
    // The log holds what the gateway and the sync validated.
    const events = entries.map(
      ({ value }) => JSON.parse(Buffer.from(value).toString()) as GatewayEvent,
    )
    found.set(topic, events)
  }
  return found
}

/** What people wrote and what the product did about it: for whoever has to mend it. */
function explain(known: Known, people: People, events: Events): string {
  const pair = [String(known.ids.workbooks), String(known.ids.outreach)]
  const outcomes = (events.get('sync.outcome') ?? [])
    .map(({ data }) => data as Outcome)
    .filter(({ pair: { workbooks, outreach } }) => pair[0] === workbooks || pair[1] === outreach)
  const edits = known.edits.map((edit) => ({ ...edit, at: new Date(edit.at).toISOString() }))
  return [people.differences(known), edits, outcomes].map((part) => JSON.stringify(part)).join('\n')
}

type Events = ReadonlyMap<string, readonly GatewayEvent[]>

function assertNothingLost(events: Events, acknowledged: readonly Acknowledged[]): void {
  assert.ok(acknowledged.length > 200)
  assert.deepEqual(events.get('gateway.quarantine'), [])
  const idsOf = (topic: string) => new Set(events.get(topic)?.map(({ id }) => id))
  const [accounts, organisations] = [idsOf('outreach.account'), idsOf('workbooks.organisation')]
  const lost = acknowledged.filter(({ path, body, answer }) => {
    assert.equal(answer, '{"accepted":1,"quarantined":0}')
    // What the two systems post, as the simulations make it.
    const said = JSON.parse(body.toString()) as {
      data?: { id: number }
      meta?: { eventName: string }
      event?: string
      id?: number
      lock_version?: number
    }
    if (path === '/webhooks/outreach') {
      const hash = createHash('sha256').update(body).digest('hex')
      return !accounts.has(`outreach.${said.meta?.eventName ?? ''}/${said.data?.id ?? 0}/${hash}`)
    }
    const { event = '', id = 0, lock_version: version = 0 } = said
    return !organisations.has(`workbooks.organisation.${event}/${id}/${version}`)
  })
  assert.deepEqual(lost, [], 'acknowledged, and not in the log')
}

/** Only fields that both sides edit may have met, and there the later edit has won. */
function assertRightWinners(events: Events, people: People): void {
  // `sync.outcome` holds what the sync's schema allows.
  const outcomes = (events.get('sync.outcome') ?? []).map(({ data }) => data as Outcome)
  assert.ok(outcomes.length > 200)
  const unwanted = outcomes.filter(({ outcome }) => ['duplicate', 'failed'].includes(outcome))
  assert.deepEqual(unwanted, [])
  for (const { pair, conflicts = [] } of outcomes.filter(({ outcome }) => outcome === 'conflict')) {
    const known = people.book().find(({ ids }) => String(ids.workbooks) === pair.workbooks)
    assert.ok(known !== undefined && isContested(known), JSON.stringify({ pair, conflicts }))
    for (const { winner, losingValue } of conflicts) {
      const lost = known.edits.findIndex(({ value }) => value === losingValue)
      const isLater = known.edits.slice(lost + 1).some(({ side }) => side === winner)
      assert.ok(lost >= 0 && isLater, JSON.stringify({ known, conflicts }))
    }
  }
}

/** What was done, and stands in the state, was published too, whatever died in between. */
async function assertEverythingTold(dir: string, events: Events): Promise<void> {
  await using store = await openEmbeddedState({ dir, migrations })
  const rows = await store.read({ sql: 'SELECT id FROM outcomes' })
  const told = new Set(events.get('sync.outcome')?.map(({ id }) => id))
  const untold = rows.filter(({ id }) => !told.has(`sync.outcome/${String(id)}`))
  assert.deepEqual(untold, [], 'outcomes that nobody was told of')
}

/** Mulberry32: the same edits in every run. */
function makeRandom(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeSandboxClock } from '../outreach/sandbox-clock.ts'
import type { SandboxClock } from '../outreach/sandbox-clock.ts'
import type { Behaviour } from './behaviour.ts'
import { defaultBehaviour } from './behaviour.ts'
import { makeCalls } from './calls.ts'
import type { Calls } from './calls.ts'
import { makeCatalogue } from './catalogue.ts'
import type { ChangeHook } from './change-hook.ts'
import { makeDatabase } from './database.ts'
import type { Database } from './database.ts'
import { makeDelayRedirects } from './delay-redirects.ts'
import { calmDisorder, makeDeliveries } from './deliveries.ts'
import type { Deliveries, Disorder } from './deliveries.ts'
import { makeFaults } from './faults.ts'
import type { Faults } from './faults.ts'
import { connectHooks } from './connect-hooks.ts'
import { openHttp } from './open-http.ts'
import { openJournal } from './open-journal.ts'
import { makePerson } from './person.ts'
import type { Person } from './person.ts'
import { resources } from './resources.ts'
import type { User } from './row.ts'
import { seedDatabase } from './seed-database.ts'
import { makeSeededRandom } from './seeded-random.ts'
import { makeServeApi } from './serve-api.ts'
import { makeServeControl } from './serve-control.ts'
import { makeSessions } from './sessions.ts'
import type { World } from './world.ts'

export type SimulatedWorkbooksOptions = {
  /** 0 or absent: any free one. */
  readonly port?: number
  /** Records outlive the process in this file; absent: in memory only. */
  readonly journalFile?: string
  /** Our On Change process; without it nothing is announced that way. */
  readonly hook?: ChangeHook & {
    readonly disorder?: Partial<Disorder>
    /** Whether writes by the API are announced too; default true. */
    readonly apiWrites?: boolean
  }
  /** A native webhook subscription for new people, organisations and tasks. */
  readonly native?: {
    readonly url: string
    readonly secret: string
    readonly triggers?: readonly number[]
  }
  readonly apiKeys?: readonly string[]
  readonly password?: string
  /** The one that the API key stands for. */
  readonly apiUser?: User
  readonly desktopUser?: User
  readonly queues?: readonly string[]
  readonly stages?: readonly string[]
  /** Columns that this customer's database lacks. */
  readonly omitColumns?: readonly string[]
  readonly behaviour?: Partial<Behaviour>
  /** Key order, delays and disorder follow from it. */
  readonly seed?: number
  /** Epoch ms. */
  readonly now?: () => number
  readonly fetch?: typeof fetch
}

export type SimulatedWorkbooks = AsyncDisposable & {
  readonly url: string
  readonly apiKey: string
  readonly person: Person
  readonly faults: Faults
  readonly calls: Calls
  readonly clock: SandboxClock
  readonly hooks: Pick<Deliveries, 'disorder' | 'setDisorder' | 'counts'>
  /** Ends every session: the next call with a cookie is sent to the login page. */
  readonly endSessions: () => void
  /** Resolves when every announcement has left. */
  readonly whenQuiet: () => Promise<void>
  readonly close: () => Promise<void>
}

/** The key of Workbooks' own published examples, so that they run here as they are. */
export const exampleApiKey = '01234-56789-01234-56789-01234-56789-01234-56789'

const withDefaults = (options: SimulatedWorkbooksOptions) => ({
  apiKeys: [exampleApiKey],
  password: 'sandbox',
  apiUser: { id: 29, loginName: 'sync@example.com', personName: 'Sync User' },
  desktopUser: { id: 30, loginName: 'dana@example.com', personName: 'Dana Desk' },
  queues: ['Amy Archer', 'Ben Booth', 'Unassigned'],
  stages: ['Prospect', 'Qualified', 'Proposal', 'Negotiation', 'Closed Won', 'Closed Lost'],
  omitColumns: [],
  seed: 1,
  port: 0,
  now: Date.now,
  fetch,
  ...options,
})

type Settled = ReturnType<typeof withDefaults>

const databaseInstanceId = 47_119
/** The database in links: base64 of the instance and 17, backwards (workbooks-api 8). */
const databaseReference = Buffer.from(
  Buffer.from(String(databaseInstanceId + 17)).toString('base64'),
)
  .reverse()
  .toString()

const newTriggers = [1, 3, 9]

const myQueues = (database: Database, queueName: string): Readonly<Record<string, number>> =>
  Object.fromEntries(
    resources
      .filter(({ className }) => className.endsWith('Queue'))
      .flatMap(({ className, controller }) => {
        const queue = database.rows(controller).find((row) => row.values['name'] === queueName)
        return queue ? [[className, queue.id] as const] : []
      }),
  )

const openWorld = (options: Settled, now: () => number): World => {
  const journal = openJournal(options.journalFile)
  const database = makeDatabase({
    ...journal,
    sequenceOf: (controller) =>
      resources.find((one) => one.controller === controller)?.sequence ?? controller,
  })
  const { native } = options
  const seeds = {
    queues: options.queues,
    stages: options.stages,
    subscriptions: native ? [{ triggers: newTriggers, ...native }] : [],
  }
  seedDatabase(database, seeds, Math.floor(now() / 1000))
  return {
    database,
    catalogue: makeCatalogue(database, options.omitColumns),
    behaviour: { ...defaultBehaviour, ...options.behaviour },
    users: [options.apiUser, options.desktopUser],
    random: makeSeededRandom(options.seed),
    now,
    newHex: (length) => randomBytes(length / 2).toString('hex'),
    linkPrefix: `https://secure.workbooks.com/link/${databaseReference}/`,
  }
}

/** A stand-in for Workbooks CRM on a real port of this machine (workbooks-api 13). */
export const openSimulatedWorkbooks = async (
  given: SimulatedWorkbooksOptions = {},
): Promise<SimulatedWorkbooks> => {
  const options = withDefaults(given)
  const clock = makeSandboxClock(options.now)
  const world = openWorld(options, clock.now)
  const stopping = new AbortController()
  const wait = async (ms: number): Promise<void> => {
    // Stopping ends every wait at once; who waited looks at the signal.
    await sleep(ms, undefined, { signal: stopping.signal }).catch(() => undefined)
  }
  const deliveries = makeDeliveries({
    fetch: options.fetch,
    random: makeSeededRandom(options.seed + 1),
    wait,
    disorder: { ...calmDisorder, ...options.hook?.disorder },
    signal: stopping.signal,
  })
  connectHooks(world, deliveries, options.hook && { ...options.hook, now: options.now })
  const sessions = makeSessions({
    user: options.apiUser,
    apiKeys: options.apiKeys,
    password: options.password,
    now: world.now,
    newHex: world.newHex,
    rotateEvery: world.behaviour.rotateCookieEvery,
    myQueues: () => myQueues(world.database, world.behaviour.defaultQueue),
    logicalDatabaseId: 133,
    databaseInstanceId,
  })
  const faults = makeFaults()
  const calls = makeCalls()
  const person = makePerson(world, options.desktopUser)
  const delays = makeDelayRedirects(() => world.newHex(16))
  const http = await openHttp(options.port, {
    serveApi: makeServeApi({ world, sessions, faults, calls, delays, wait }),
    serveControl: makeServeControl({ person, faults, calls, deliveries, clock }),
    sessions,
    random: world.random,
    shufflesKeys: world.behaviour.shuffleKeys,
    now: clock.now,
  })
  const close = async (): Promise<void> => {
    stopping.abort()
    await http.close()
    await deliveries.whenQuiet()
  }
  return {
    url: http.url,
    apiKey: options.apiKeys[0] ?? '',
    person,
    faults,
    calls,
    clock,
    hooks: deliveries,
    endSessions: sessions.endAll,
    whenQuiet: deliveries.whenQuiet,
    close,
    [Symbol.asyncDispose]: close,
  }
}

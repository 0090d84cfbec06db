import { randomUUID } from 'node:crypto'
import { makeAccessTokens } from './access-tokens.ts'
import { makeApi, type ApiRules } from './api.ts'
import { makeCalls, type Calls } from './calls.ts'
import { makeControl } from './control.ts'
import { makeFaults, type Faults } from './faults.ts'
import { makeFrontDoor } from './front-door.ts'
import { openJournal } from './journal.ts'
import { makeOAuth, type OAuthApp } from './oauth.ts'
import { makePerson, type Person } from './person.ts'
import { makeRateLimit, type RateLimit, type RateLimitSettings } from './rate-limit.ts'
import { makeRecordStore } from './record-store.ts'
import { makeRecordView } from './record-view.ts'
import { makeRecordWriter, type WriterRules } from './record-writer.ts'
import { makeResources } from './resources.ts'
import { makeS2s, type S2sApp } from './s2s.ts'
import { makeSandboxClock, type SandboxClock } from './sandbox-clock.ts'
import { openSandboxServer } from './sandbox-server.ts'
import { defaultUsers, seedRecords, type SeedUser } from './seed.ts'
import { makeSeededRandom } from './seeded-random.ts'
import { makeSerialiser } from './serialise.ts'
import { applyAccess, type FixedToken, type Subscription } from './standing-access.ts'
import { makeWebhookSender, type DroppedDelivery, type SentDelivery } from './webhook-sender.ts'
import { makeSubscriptions } from './webhook-subscriptions.ts'
import { defaultWebhookSwitches, type WebhookSwitches } from './webhook-switches.ts'

export type SimulatedOutreachRules = ApiRules &
  Omit<WriterRules, 'announcesFarewell'> & { readonly tokenThrottleSeconds: number }

export type SimulatedOutreachOptions = {
  /** 0, or nothing: a free one. */
  readonly port?: number
  /** Keeps records, tokens and webhooks over restarts. */
  readonly journalFile?: string
  readonly now?: () => number
  /** Decides delays, duplicates and drops. */
  readonly seed?: number
  /** Used for a new org only. */
  readonly users?: readonly SeedUser[]
  /** Username of who acts behind `/_sandbox` and `person`; the first user if absent. */
  readonly person?: string
  readonly apps?: readonly OAuthApp[]
  readonly refreshTokens?: readonly FixedToken[]
  /** Never expire. */
  readonly accessTokens?: readonly FixedToken[]
  readonly s2sApps?: readonly S2sApp[]
  readonly subscriptions?: readonly Subscription[]
  readonly webhooks?: Partial<WebhookSwitches>
  readonly rateLimit?: Partial<RateLimitSettings>
  readonly rules?: Partial<SimulatedOutreachRules>
  readonly customFields?: Readonly<Record<string, unknown>>
}

export type SimulatedOutreach = AsyncDisposable & {
  readonly url: string
  readonly port: number
  readonly person: Person
  readonly faults: Faults
  readonly calls: Calls
  readonly clock: SandboxClock
  readonly rateLimit: RateLimit
  readonly webhooks: {
    readonly switches: () => WebhookSwitches
    readonly change: (change: Partial<WebhookSwitches>) => void
    readonly sent: () => readonly SentDelivery[]
    readonly dropped: () => readonly DroppedDelivery[]
  }
  readonly issueSetupToken: (guid: string) => string
  /** Resolves when no webhook delivery waits or is under way. */
  readonly whenQuiet: () => Promise<void>
  readonly close: () => Promise<void>
}

const defaultRules: SimulatedOutreachRules = {
  refusesUnknownAttributes: true,
  ignoredFilters: [],
  filtersIgnoreCase: false,
  listsShowTrashed: false,
  wantsContentTypeOnReads: false,
  listChangesMoveUpdatedAt: false,
  refusesResentEmails: false,
  rendersText: (_, text) => text,
  linksProspectsByDomain: false,
  excludedEmailDomains: [],
  allowsHttpWebhooks: true,
  tokenThrottleSeconds: 60,
}

const defaultApps: readonly OAuthApp[] = [
  { clientId: 'sandbox-client', clientSecret: 'sandbox-client-secret' },
]

/** Opens a stand-in for Outreach that answers, and posts webhooks, as the fact sheet says. */
export async function openSimulatedOutreach(
  options: SimulatedOutreachOptions = {},
): Promise<SimulatedOutreach> {
  const clock = makeSandboxClock(options.now ?? Date.now)
  const { now } = clock
  const newId = randomUUID
  const orgId = '7c9e6679-7425-40de-944b-e07fc1f90ae7'
  const rules = { ...defaultRules, ...options.rules }
  let url = ''
  const baseUrl = () => url
  let switchesNow = { ...defaultWebhookSwitches, ...options.webhooks }
  const switches = () => switchesNow
  const changeSwitches = (change: Partial<WebhookSwitches>) => {
    switchesNow = { ...switchesNow, ...change }
  }

  const resources = makeResources()
  const journal = openJournal(options.journalFile)
  const isNew = !journal.isUsed
  const store = makeRecordStore(journal, resources)
  const view = makeRecordView({ store, resources })
  const subscriptions = makeSubscriptions({ store, now, switches })
  const random = makeSeededRandom(options.seed ?? 1)
  const sending = { resources, subscriptions, switches, changeSwitches, random, newId, now, orgId }
  const sender = makeWebhookSender(sending)
  const announcesFarewell = () => switches().emptyUpdateBeforeDestroyed
  const writerRules = { ...rules, announcesFarewell }
  const emit = sender.enqueue
  const writer = makeRecordWriter({ store, resources, rules: writerRules, now, newId, emit })
  if (isNew) seedRecords(options.users ?? defaultUsers, writer)

  const tokens = makeAccessTokens(journal, now)
  const throttleSeconds = () => rules.tokenThrottleSeconds
  const apps = options.apps ?? defaultApps
  const oauth = makeOAuth({ journal, tokens, apps, now, newId, throttleSeconds })
  const s2sApps = options.s2sApps ?? []
  const s2s = makeS2s({ journal, tokens, apps: s2sApps, now, newId, orgId, baseUrl })
  const users = applyAccess(options, { store, writer, tokens, oauth, apps })

  const rateLimit = makeRateLimit(
    { limit: 10_000, windowSeconds: 3600, showsTwoValues: false, ...options.rateLimit },
    now,
  )
  const calls = makeCalls(now)
  const faults = makeFaults()
  const personUser = () => users.idOf(options.person)
  const person = makePerson({ store, resources, view, writer, now, userId: personUser })
  const resourceOf = resources.byType
  const serialiser = makeSerialiser({ view, store, baseUrl, resourceOf, now })
  const customFields = options.customFields ?? {}
  const records = { store, resources, view, writer, serialiser }
  const api = makeApi({ ...records, tokens, rateLimit, rules, now, baseUrl, customFields })
  const webhooks = { switches, changeSwitches, sent: sender.sent }
  const { issueSetupToken } = s2s
  const parts = { resources, person, faults, calls, clock, rateLimit, issueSetupToken }
  const control = makeControl({ ...parts, ...webhooks })
  const answer = makeFrontDoor({ api, oauth, s2s, idOf: users.idOf })
  const server = await openSandboxServer({
    port: options.port ?? 0,
    faults,
    calls,
    now,
    answer,
    control,
  }).catch((error: unknown) => {
    journal.close()
    throw error
  })
  url = `http://127.0.0.1:${server.port}`

  const close = async () => {
    await server.close()
    await sender.close()
    journal.close()
  }
  return {
    url,
    port: server.port,
    person,
    faults,
    calls,
    clock,
    rateLimit,
    webhooks: { switches, change: changeSwitches, sent: sender.sent, dropped: sender.dropped },
    issueSetupToken,
    whenQuiet: sender.whenQuiet,
    close,
    [Symbol.asyncDispose]: close,
  }
}

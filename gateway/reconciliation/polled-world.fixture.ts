import type { Entry } from '../../event-log/event-log.ts'
import { fingerprintOf } from '../../schemas/fingerprint.ts'
import type { PolledResource, Polling } from '../../schemas/polling.ts'
import type { Statement } from '../../state/state-store.ts'
import type { KnownVersion, Versions } from '../../state/versions.ts'
import { makePublishFound } from './make-publish-found.ts'
import { makeMovingRecords, startsAt } from './moving-records.fixture.ts'
import { pollOutreach, type OutreachPosition } from './poll-outreach.ts'
import { pollWorkbooks, type Polled } from './poll-workbooks.ts'
import { makeTheirClock, type TheirClock } from './their-clock.ts'
import type { WorkbooksPosition } from './workbooks-position.ts'

const resource: PolledResource = {
  ...{ type: 'account', attributes: ['name'], links: [], every: 1, oauthOnly: false },
}

const polling: Polling = {
  kind: 'organisation',
  workbooks: {
    ...{ type: 'organisation', controller: 'crm/organisations', linkedPassFlags: false },
    columns: {
      ...{ syncToOutreach: 'sync', outreachSyncError: 'error' },
      ...{ outreachDuplicate: 'duplicate', outreachId: 'outreach_id' },
    },
  },
  outreach: [resource],
  createsFrom: [{}],
}

const usualSizes = { page: 100, pages: 60 }

type Told = { readonly id?: string; readonly origin?: string }

export class Killed extends Error {}

type Options = {
  readonly system: 'workbooks' | 'outreach'
  readonly records: number
  /** Our clock minus theirs, seconds. */
  readonly skew?: number
  readonly sizes?: { readonly page: number; readonly pages: number }
}

/** A poller over a fake system, log and state, that can be killed at each of its steps. */
export function makePolledWorld({ system, records, skew = 0, sizes = usualSizes }: Options) {
  const moving = makeMovingRecords(records, skew)
  const known = new Map<string, KnownVersion>()
  const inLog: { readonly id: string; readonly version: string; readonly origin: string }[] = []
  let handledUpTo = 0
  const now = () => (moving.now() + skew) * 1000
  let position: unknown =
    system === 'workbooks' ? { floor: startsAt } : { floor: startsAt, round: 0 }
  let round = 0
  let clock = startClock()
  let stepsLeft = Number.POSITIVE_INFINITY
  let between = () => {}

  function startClock(): TheirClock {
    return makeTheirClock({ elapsedMs: now, theirNow: () => moving.now() * 1000 })
  }
  function step(): void {
    stepsLeft -= 1
    if (stepsLeft < 0) throw new Killed()
  }
  const versions: Versions = {
    read: (_system, _type, ids) =>
      Promise.resolve(new Map([...known].filter(([id]) => ids.includes(id)))),
  }
  const append = (entries: readonly Entry[]) => {
    step()
    for (const { key, value } of entries) {
      // What the normalisers printed.
      const { id = '', origin = '' } = JSON.parse(Buffer.from(value).toString()) as Told
      const version = id.slice(id.indexOf('/polled-') + '/polled-'.length)
      inLog.push({ id: key.split(':').at(-1) ?? '', version, origin })
    }
    step()
    return Promise.resolve([])
  }
  const write = (statements: readonly Statement[]) => {
    step()
    for (const { sql, params = [] } of statements) {
      if (sql === 'position') position = JSON.parse(String(params[0]))
      else notePublished(params.map(String))
    }
    return Promise.resolve([])
  }
  function notePublished(params: readonly string[]): void {
    for (let at = 0; at < params.length; at += 6) {
      const [, , id = '', published = '', , handlings] = params.slice(at)
      const before = known.get(id) ?? { handled: null, handlings: 0 }
      if (before.handlings === Number(handlings)) known.set(id, { ...before, published })
    }
  }
  const page =
    <Query, Answer>(answer: (query: Query) => Answer) =>
    (_list: string, query: Query) => {
      step()
      const answered = answer(query)
      between()
      return Promise.resolve(answered)
    }
  const keep = (next: unknown): Statement => ({ sql: 'position', params: [JSON.stringify(next)] })

  async function pollOnce(): Promise<Polled> {
    const publishFound = makePublishFound({
      log: { append },
      store: { write },
      noteFound: () => [],
      now,
    })
    const shared = { versions, publishFound, clock, traceparent: () => '00-1-1-01', now }
    const call = { lane: 'reconciliation' } as const
    if (system === 'workbooks') {
      return pollWorkbooks(
        {
          ...shared,
          workbooks: { page: page(moving.workbooksPage) },
          sizes: { rows: sizes.page, pages: sizes.pages },
        },
        { polling, position: position as WorkbooksPosition, keep, call },
      )
    }
    round += 1
    return pollOutreach(
      {
        ...shared,
        outreach: { page: page(moving.outreachPage) },
        sizes: { records: sizes.page, pages: sizes.pages },
      },
      { resource, position: position as OutreachPosition, round, keep, call },
    )
  }

  /** By id, what is visible now as a poller should know it. */
  function truth(): ReadonlyMap<string, string> {
    return new Map(
      moving
        .visible()
        .map(({ id, lockVersion, isDeleted }) => [
          String(id),
          system === 'outreach'
            ? fingerprintOf(resource, { attributes: { name: `version ${lockVersion}` }, links: {} })
            : isDeleted
              ? `${lockVersion}-deleted`
              : String(lockVersion),
        ]),
    )
  }

  const first = truth()
  return {
    moving,
    sizes,
    inLog,
    isOnWay: () => (position as { walk?: unknown }).walk !== undefined,
    truth,
    /** As it was before anything was polled. */
    firstVersion: (id: string) => first.get(id),
    /** It is handled, or in the log for whoever handles it. */
    isFound: (id: string, version: string) =>
      known.get(id)?.handled === version ||
      inLog.some((one) => one.id === id && one.version === version),
    /** Nothing is known of this record any more. */
    forget: (id: string) => known.delete(id),
    /** The consumers read and handle whatever is in the log. */
    handle: () => {
      const now = truth()
      for (const { id } of inLog.slice(handledUpTo)) {
        const handlings = (known.get(id)?.handlings ?? 0) + 1
        known.set(id, { handled: now.get(id) ?? null, published: null, handlings })
      }
      handledUpTo = inLog.length
    },
    /** Rejects with `Killed` after so many steps; what was done until then stands, a new process goes on. */
    poll: async (how: { killedAfter?: number; between?: () => void } = {}): Promise<Polled> => {
      stepsLeft = how.killedAfter ?? Number.POSITIVE_INFINITY
      between = how.between ?? (() => {})
      try {
        return await pollOnce()
      } catch (error) {
        clock = startClock()
        throw error
      } finally {
        between = () => {}
      }
    },
  }
}

export type PolledWorld = ReturnType<typeof makePolledWorld>

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Outcome } from '../schemas/outcome.ts'
import { makeOpsServer, type OpsServerDeps } from './ops-server.ts'
import { signToken } from './sign-token.ts'
import type { Status } from './status.ts'
import type { Scope } from './verb.ts'

export const secret = 'a-secret-of-thirty-two-letters-or-more'

export const anOutcome: Outcome = {
  outcome: 'updated',
  kind: 'organisation',
  pair: { workbooks: '226', outreach: '4101' },
  system: 'outreach',
  fields: ['name'],
  reason: null,
  at: '2026-03-02T09:22:31.000Z',
  events: [],
  calls: 1,
  delayMs: 120,
}

export const aStatus: Status = {
  roles: [{ role: 'gateway', pid: 4711, since: '2026-03-02T09:00:00.000Z', alive: true }],
  groups: [{ group: 'gateway-sync', lagEvents: 3, lagSeconds: 200 }],
  systems: [
    {
      system: 'outreach',
      circuit: 'open',
      pausedUntil: '2026-03-02T09:30:00.000Z',
      reason: 'no connection',
      callsThisHour: 12,
      hourLimit: 10_000,
      callsThisYear: 400,
      yearLimit: null,
      pollSeconds: null,
      pollReason: null,
    },
  ],
  cursors: [],
  kinds: [
    {
      kind: 'organisation',
      enabled: true,
      reason: null,
      pairs: 2,
      standingApart: 1,
      parked: 0,
      flagged: 4,
    },
  ],
  misses: [],
  spool: { events: 0, oldestSeconds: null, fullRatio: 0 },
  backfills: [],
  following: 2,
}

export const aBackfill: Status['backfills'][number] = {
  ...{ id: 'b1', kind: 'organisation', of: 'unlinked', state: 'running' },
  ...{ records: 300, done: 100, calls: 17, secondsLeft: 12 },
}

/** An ops server on a free port over deps that remember what was asked of them. */
export async function openRunningProduct(changed: Partial<OpsServerDeps> = {}) {
  const told: unknown[] = []
  const deps: OpsServerDeps = {
    keys: { secret },
    now: Date.now,
    status: () => Promise.resolve(aStatus),
    outcomes: {
      byRecord: (record, limit) => {
        told.push(['byRecord', record, limit])
        return Promise.resolve([anOutcome])
      },
      follow: ({ after, record }) => {
        told.push(['follow', after, record])
        const found = after === undefined ? [] : [anOutcome]
        return Promise.resolve({ outcomes: found, cursor: `${Number(after ?? 0) + 1}` })
      },
    },
    pauses: {
      set: (what, by) => Promise.resolve(void told.push(['set', what, by])),
      clear: (what, by) => Promise.resolve(void told.push(['clear', what, by])),
    },
    requestSync: (record, by) => {
      told.push(['requestSync', record, by])
      return Promise.resolve(
        record.startsWith('outreach:user:')
          ? { kind: 'refused', why: 'Users are not synchronised: name an account' }
          : { kind: 'requested' },
      )
    },
    requestReconcile: (kind, by) => {
      told.push(['requestReconcile', kind, by])
      return Promise.resolve(
        kind === 'task' ? { kind: 'refused', why: 'No task is polled' } : { kind: 'requested' },
      )
    },
    backfills: {
      order: (kind, isPlan) => {
        told.push(['order', kind, isPlan])
        const backfill = { ...aBackfill, kind, state: isPlan ? 'planned' : 'running' }
        return Promise.resolve(
          kind === 'task' ? { kind: 'refused', why: 'No task' } : { kind: 'asked', backfill },
        )
      },
      list: () => Promise.resolve([aBackfill]),
      stop: (which) => {
        told.push(['stop', which])
        const stopped = [{ ...aBackfill, state: 'stopped', secondsLeft: 0 }]
        return Promise.resolve(which === 'unknown' ? undefined : stopped)
      },
    },
    audit: {
      record: ({ by, verb, what }) => Promise.resolve(void told.push(['audit', by, verb, what])),
    },
    metrics: { contentType: 'text/plain', text: () => Promise.resolve('a_metric 1\n') },
    version: '0.0.0-test',
    notReady: () => Promise.resolve([]),
    signals: {
      opsAsked: ({ verb, result }) => void told.push(['asked', verb, result]),
      opsFailed: ({ path }) => void told.push(['failed', path]),
    },
    ...changed,
  }
  const server = createServer(makeOpsServer(deps))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  const tokenFor = (...scopes: readonly Scope[]) =>
    signToken(secret, { sub: 'amy', scopes, forSeconds: 60, now: Date.now() })
  return {
    url,
    told,
    tokenFor,
    /** With a token that may do everything, unless the headers name another. */
    ask: (path: string, init: RequestInit = {}) =>
      fetch(`${url}${path}`, {
        ...init,
        headers: {
          authorization: `Bearer ${tokenFor('ops:read', 'ops:write')}`,
          ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...Object.fromEntries(new Headers(init.headers)),
        },
      }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

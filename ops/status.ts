import type { BackfillStatus } from './to-backfill-status.ts'
import { renderBackfills } from './render-backfills.ts'
import { renderAge, renderColumns } from './render-columns.ts'
import { makeVerb } from './verb.ts'

/** `GET /ops/status`, product 6. New members may be added, none is renamed; null: not known, or does not apply. */
export type Status = {
  readonly roles: readonly {
    readonly role: string
    readonly pid: number
    /** ISO 8601, as every time here. */
    readonly since: string
    readonly alive: boolean
  }[]
  readonly groups: readonly {
    readonly group: string
    readonly lagEvents: number
    readonly lagSeconds: number
  }[]
  readonly systems: readonly {
    readonly system: string
    readonly circuit: 'closed' | 'open' | 'half-open'
    readonly pausedUntil: string | null
    readonly reason: string | null
    readonly callsThisHour: number
    readonly hourLimit: number | null
    readonly callsThisYear: number
    readonly yearLimit: number | null
    readonly pollSeconds: number | null
    readonly pollReason: string | null
  }[]
  readonly cursors: readonly {
    readonly kind: string
    readonly system: string
    readonly at: string
    readonly ageSeconds: number
  }[]
  readonly kinds: readonly {
    readonly kind: string
    readonly enabled: boolean
    readonly reason: string | null
    readonly pairs: number
    readonly standingApart: number
    readonly parked: number
    readonly flagged: number
  }[]
  /** Of the last 24 hours. */
  readonly misses: readonly (MissCount & {
    /** `outreach.account`. */
    readonly resource: string
    /** Those in which anything changed, the oldest first. */
    readonly hours: readonly (MissCount & { readonly hour: string })[]
  })[]
  readonly spool: {
    readonly events: number
    readonly oldestSeconds: number | null
    readonly fullRatio: number
  }
  readonly backfills: readonly BackfillStatus[]
  /** Linked parents whose children are still to be asked for: they follow page by page (rulebook 7). */
  readonly following: number
}

/** How reliable a sender was. */
export type MissCount = {
  /** Changes that webhooks announced in time. */
  readonly announced: number
  /** Changes that only the poller told. */
  readonly found: number
  /** `found / (announced + found)`. */
  readonly ratio: number
  readonly longestDelaySeconds: number
}

export type StatusDeps = { readonly status: () => Promise<Status> }

export const status = makeVerb<StatusDeps, null, Status>({
  name: 'status',
  usage: 'status',
  says: 'systems, kinds, consumer groups and processes as they are now',
  scope: 'ops:read',
  http: { method: 'GET', path: '/ops/status', status: 200 },
  commandLine: { words: [], options: {} },
  readInput: () => ({ kind: 'input', input: null }),
  run: async (deps) => ({ kind: 'done', answer: await deps.status() }),
  renderText: (answer) =>
    [
      renderSystems(answer),
      renderKinds(answer),
      renderGroups(answer),
      renderRoles(answer),
      renderCursors(answer),
      renderMisses(answer),
      renderBackfills(answer.backfills),
      renderFollowing(answer),
      renderSpool(answer),
    ]
      .filter((part) => part !== '')
      .join('\n'),
})

function renderSystems({ systems }: Status): string {
  const rows = systems.map((each) => [
    each.system,
    each.circuit,
    each.pausedUntil ?? '-',
    ofLimit(each.callsThisHour, each.hourLimit),
    ofLimit(each.callsThisYear, each.yearLimit),
    each.pollSeconds === null ? '-' : `${each.pollSeconds} s`,
    [each.reason, each.pollReason].filter((why) => why !== null).join('; '),
  ])
  return renderColumns(
    ['system', 'circuit', 'paused until', 'calls/hour', 'calls/year', 'poll', 'reason'],
    rows,
  )
}

function ofLimit(calls: number, limit: number | null): string {
  return limit === null ? String(calls) : `${calls} of ${limit}`
}

function renderKinds({ kinds }: Status): string {
  const rows = kinds.map((each) => [
    each.kind,
    each.enabled ? 'on' : 'off',
    String(each.pairs),
    String(each.standingApart),
    String(each.parked),
    String(each.flagged),
    each.reason ?? '',
  ])
  return renderColumns(
    ['kind', 'is', 'pairs', 'standing apart', 'parked', 'flagged', 'reason'],
    rows,
  )
}

function renderGroups({ groups }: Status): string {
  const rows = groups.map((each) => [
    each.group,
    String(each.lagEvents),
    each.lagEvents === 0 ? '-' : renderAge(each.lagSeconds),
  ])
  return renderColumns(['group', 'behind', 'oldest'], rows)
}

function renderRoles({ roles }: Status): string {
  const rows = roles.map((each) => [
    each.role,
    String(each.pid),
    each.since,
    each.alive ? 'yes' : 'no',
  ])
  return renderColumns(['role', 'pid', 'since', 'alive'], rows)
}

function renderCursors({ cursors }: Status): string {
  const rows = cursors.map((each) => [each.kind, each.system, each.at, renderAge(each.ageSeconds)])
  return renderColumns(['cursor of', 'system', 'at', 'age'], rows)
}

function renderMisses({ misses }: Status): string {
  if (misses.length === 0) return ''
  const rows = misses.map((each) => [
    each.resource,
    String(each.announced),
    String(each.found),
    `${(each.ratio * 100).toFixed(2)} %`,
    each.found === 0 ? '-' : renderAge(each.longestDelaySeconds),
  ])
  return renderColumns(['webhooks of, 24 h', 'announced', 'missed', 'ratio', 'longest delay'], rows)
}

function renderFollowing({ following }: Status): string {
  return following === 0
    ? ''
    : `linked, and still to be followed by those who name them: ${following}\n`
}

function renderSpool({ spool }: Status): string {
  if (spool.events === 0) return ''
  const full = `${Math.round(spool.fullRatio * 100)} % full`
  return `spool: ${spool.events} events, oldest ${renderAge(spool.oldestSeconds)}, ${full}\n`
}

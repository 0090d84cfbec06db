import type { Call } from '../../../clients/call.ts'
import type { OutreachClient } from '../../../clients/outreach/outreach-client.ts'
import type { WorkbooksClient } from '../../../clients/workbooks/workbooks-client.ts'
import type { Backfill } from '../../../state/backfills.ts'
import { countLinked, makePairs } from '../../../state/pairs.ts'
import type { StateStore } from '../../../state/state-store.ts'
import type { KindNow } from '../read-kinds-now.ts'
import type { Page } from './page.ts'
import { planBackfill } from './plan-backfill.ts'
import { readLinkedPage } from './read-linked-page.ts'
import { countOld, readUnlinkedPage } from './read-unlinked-page.ts'

type Deps = {
  readonly store: Pick<StateStore, 'read'>
  readonly outreach: Pick<OutreachClient, 'page'>
  readonly workbooks: Pick<WorkbooksClient, 'page'>
  readonly callsPerHour: number
  readonly now: () => number
}

export type BackfillPages = {
  /** Counts what there is, where it can be counted; a plan ends with that. */
  readonly begin: (backfill: Backfill, about: KindNow, signal: AbortSignal) => Promise<Backfill>
  /** What comes next, read in the lowest lane. */
  readonly read: (backfill: Backfill, about: KindNow, signal: AbortSignal) => Promise<Page>
}

/** Where the records of a backfill come from. */
export function makeBackfillPages(deps: Deps): BackfillPages {
  const pairs = makePairs(deps.store)
  const toCall = (signal: AbortSignal): Call => ({ lane: 'backfill', signal })

  return {
    async begin(backfill, about, signal) {
      const state = backfill.isPlan ? 'planned' : 'running'
      const begun = { ...backfill, state, beganAt: deps.now() } as const
      // Workbooks counts at great expense (workbooks-api 3.1), and nobody asked.
      if (backfill.of === 'linked') return begun
      const records = await countOld(deps, { ...toOld(about), call: toCall(signal) })
      if (records === null) return begun
      const linked = await countLinked(deps.store, backfill.kind)
      const counted = { records, pairs: linked, callsPerHour: deps.callsPerHour }
      return { ...begun, records, ...planBackfill(counted) }
    },

    read({ of, position }, about, signal) {
      const asked = { ...toOld(about), position, call: toCall(signal) }
      return of === 'linked'
        ? readLinkedPage({ ...deps, pairs }, asked)
        : readUnlinkedPage({ ...deps, pairs }, asked)
    },
  }
}

/** What is old is told by the clock of Outreach. */
function toOld({ polling, connectedAt }: KindNow) {
  return { polling, connectedAt: connectedAt.outreach }
}

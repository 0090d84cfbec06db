import { backfill, type BackfillDeps } from './backfill.ts'
import { backfills } from './backfills.ts'
import { outcomes, type OutcomesDeps } from './outcomes.ts'
import { pause } from './pause.ts'
import type { PauseDeps } from './pausable.ts'
import { reconcile, type ReconcileDeps } from './reconcile.ts'
import { resume } from './resume.ts'
import { status, type StatusDeps } from './status.ts'
import { stopBackfill } from './stop-backfill.ts'
import { sync, type SyncDeps } from './sync.ts'
import type { Verb } from './verb.ts'

export type VerbDeps = StatusDeps &
  OutcomesDeps &
  SyncDeps &
  PauseDeps &
  ReconcileDeps &
  BackfillDeps

/** HTTP and the command line are both made from this list. */
export const verbs: readonly Verb<VerbDeps>[] = [
  status,
  outcomes,
  sync,
  reconcile,
  backfill,
  backfills,
  stopBackfill,
  pause,
  resume,
]

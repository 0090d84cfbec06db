import type { Refused } from '../../../clients/errors.ts'
import type { Call, Found } from '../../../clients/call.ts'
import type { OutreachClient, OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import type { WorkbooksRecord } from '../../../clients/workbooks/workbooks-client.ts'
import { AppError } from '../../../runtime/errors.ts'
import type { Outcome } from '../../../schemas/outcome.ts'
import type { RecordRef } from '../../../schemas/record-ref.ts'
import type { Intents } from '../../../state/intents.ts'
import type { Pairs } from '../../../state/pairs.ts'
import type { Relations } from '../../../state/relations.ts'
import type { StateStore } from '../../../state/state-store.ts'
import type { Records } from '../batching/make-records.ts'
import type { Connection } from '../connection.ts'
import type { Hint, HintEvent } from '../hint.ts'
import type { Kind } from '../kinds/kind.ts'
import type { Owners } from '../owners.ts'
import type { Parties } from '../relations/parties.ts'
import type { Stages } from '../stages.ts'
import type { RequestSync } from '../relations/request-sync.ts'
import type { NotedVersions } from './noted-versions.ts'

/** An outcome with the id that it has in the state and on `sync.outcome`. */
export type ToldOutcome = { readonly id: string; readonly outcome: Outcome }

/** What every step of a sync is made with. */
export type SyncDeps = {
  readonly store: StateStore
  readonly pairs: Pairs
  readonly intents: Intents
  readonly relations: Pick<Relations, 'isNamed'>
  /** Puts `sync.request`s in the log; resolves once they survive a crash. */
  readonly requestSync: RequestSync
  /** A pair was linked: somebody may have waited for it. */
  readonly linked: () => void
  readonly recordsOf: (kind: Kind) => Records
  /** Undefined where it is switched off. */
  readonly kindNamed: (name: string) => Kind | undefined
  readonly outreach: Pick<OutreachClient, 'search' | 'create' | 'update' | 'remove'>
  readonly owners: Owners
  readonly stages: Stages
  readonly parties: Parties
  /** What was said of a record and waits to be handled: it may tell when the record was changed. */
  readonly eventsAbout: (ref: RecordRef) => Promise<readonly HintEvent[]>
  /** Epoch ms. */
  readonly now: () => number
  /** Sorts by the time (epoch ms) and, within it, by the order of asking. */
  readonly newOutcomeId: (at: number) => string
  readonly settings: {
    /** Prefix of the Outreach URL that is written to Workbooks. */
    readonly outreachWebUrl: string
    /** By a kind's name. */
    readonly connectionOf: (kind: string) => Connection
  }
}

/** One hint in hand, under the exclusion of its pair. */
export type Work = {
  readonly kind: Kind
  readonly hint: Hint
  readonly records: Records
  readonly call: Call
  /** How often it was tried before, with everything read again in between. */
  readonly tries: number
  /** For company, or for another try: whatever it is worth, it is handled now. */
  readonly hasWaited: boolean
  /** Keys that are held. */
  readonly held: ReadonlySet<string>
  /** Aborts when the hold, or the right to the hint, was lost: nothing may be written then. */
  readonly signal: AbortSignal
  /** Calls this work took part in. */
  readonly calls: { count: number }
  /** It says nothing of the record as a whole: what stands flagged stays so. */
  readonly keepsFlags?: true
  /** Rows of its people that were agreed on, and are neither shown nor provably gone. */
  readonly hiddenRows?: ReadonlySet<string>
  /** Outcomes written so far; they are published when the work is over. */
  readonly told: ToldOutcome[]
  /** What it has read and acted on so far; kept with its outcomes. */
  readonly versions: NotedVersions
}

/** What came of one try. */
export type Step =
  | { readonly kind: 'settled' }
  /** Another record turned out to be part of it: hold these as well, and start afresh. */
  | {
      readonly kind: 'widen'
      readonly keys: readonly string[]
      /** What the hint turned out to be about, where that is another record. */
      readonly hint?: Hint
    }
  /** Somebody else wrote meanwhile, or a read grew old: read and merge again. */
  | { readonly kind: 'again'; readonly why: string; readonly isLate?: boolean }
  /** A create whose answer was lost: look again then (rulebook 4). */
  | { readonly kind: 'look-again'; readonly at: number }
  /** It met its own pair in other hands, and turns out to be the echo of what they wrote. */
  | { readonly kind: 'echo' }
  /** Nothing can be proved yet: it waits, and is read again with growing waits. */
  | { readonly kind: 'park'; readonly cause: string; readonly reason: string }

export type Here<Record> = Extract<Found<Record>, { kind: 'here' }>['record']

export type OutreachFound = Found<OutreachRecord>
export type WorkbooksFound = Found<WorkbooksRecord>

/** Both records of a pair, as far as they can be seen. */
export type BothFound = { readonly w: WorkbooksFound; readonly o: OutreachFound }

export const settled: Step = { kind: 'settled' }

/** The hold on the pair was lost, or the hint is another process's by now: nothing more may be written. */
export class HoldLost extends AppError {
  override readonly name = 'HoldLost'
  readonly code = 'sync.hold_lost'
  readonly retry = 'later'
}

/** Stands before every write. */
export function mustHold({ signal }: Work): void {
  if (signal.aborted) throw new HoldLost('The hold on this pair was lost; nothing more is written')
}

/** The work while it holds more: losing that ends it as well. */
export function holdingAlso(work: Work, held: AbortSignal): Work {
  const signal = AbortSignal.any([work.signal, held])
  return { ...work, signal, call: { ...work.call, signal } }
}

/**
 * "Already exists" is looked into once more; taken, and found by no search, is a refusal like any
 * other (rulebook 10).
 */
export function isWorthAnotherLook({ tries }: Work, { ids, message }: Refused): boolean {
  // A prospect's address that is taken is a plain validation error, but for its words (outreach-api 4.3).
  const isTaken =
    ids.includes('validationDuplicateValueError') || /already been taken/i.test(message)
  return tries === 0 && isTaken
}

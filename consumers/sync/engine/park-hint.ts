import {
  removeParked,
  writeParked,
  type Parked,
  type ParkedRecords,
} from '../../../state/parked.ts'
import { endLease } from '../../../state/parked-leases.ts'
import type { Statement, StateStore } from '../../../state/state-store.ts'
import type { RecordRef } from '../../../schemas/record-ref.ts'
import { waitAfterMs } from '../../../sdk/retry-policy.ts'
import { foldHints, type Hint } from '../hint.ts'
import type { FromParked } from './hint-queue.ts'

type Deps = {
  readonly store: StateStore
  readonly parked: ParkedRecords
  /** Names this process, as its leases do. */
  readonly by: string
  readonly now: () => number
}

export type ParkReason = {
  readonly cause: string
  /** A sentence. */
  readonly reason: string
  /** Epoch ms; by default after a wait that grows with the attempts. */
  readonly due?: number
}

type Parking = ParkReason & {
  readonly ref: RecordRef
  readonly hint: Hint
  readonly from: FromParked | undefined
  /** Written together with the row; what is news depends on what stood there. */
  readonly also: (isNews: boolean) => readonly Statement[]
}

/** Hints that wait in the state: their record failed, and holds back only itself (product 5.3). */
export type ParkHints = {
  /** Answers the row as it is now, and whether its cause is news. */
  readonly park: (parking: Parking) => Promise<{ readonly row: Parked; readonly isNews: boolean }>
  /** A later hint waits with its record; false where the record is parked no more. */
  readonly join: (ref: RecordRef, hint: Hint) => Promise<boolean>
  /** What was parked is handled, unless more joined it meanwhile. */
  readonly release: (ref: RecordRef, from: FromParked) => Promise<void>
}

/** Of the hints of a record that stays parked for long, so many say enough; the odd ones always stay. */
const mostEvents = 50

export function makeParkHints({ store, parked, by, now }: Deps): ParkHints {
  const readRow = async (ref: RecordRef) => (await parked.byRecords([ref]))[0]
  // In the order of their coming. What keeps a row whole is its revision: a lock can be lost unnoticed.
  const alone = <Result>(ref: RecordRef, work: () => Promise<Result>) =>
    store.exclusively([`parked:${ref}`], () => work())
  /** Whether the row, which comes first, was still the one that was read. */
  const changes = async (statements: readonly Statement[]) =>
    (await store.write(statements))[0]?.changes === 1

  return {
    park: (parking) =>
      alone(parking.ref, async () => {
        const { ref, from, cause, also } = parking
        for (let isNews = false; ;) {
          const there = await readRow(ref)
          const row = toRow(parking, there, now())
          // What was written with a try that failed is told, whatever stands there now.
          isNews ||= (there ?? from)?.cause !== cause
          // A hint of the log may meet a row that another process has in hand: that one stays its own.
          const ends = from === undefined ? [] : [endLease(ref, by)]
          if (await changes([writeParked(row, there), ...ends, ...also(isNews)])) {
            return { row, isNews }
          }
        }
      }),

    join: (ref, hint) =>
      alone(ref, async () => {
        for (;;) {
          const there = await readRow(ref)
          if (there === undefined) return false
          const isWorthATry = there.cause === 'record' || there.cause === 'unseen'
          const due = isWorthATry ? Math.min(there.due, now()) : there.due
          const folded = printHint(foldHints(readParkedHint(there), hint))
          if (await changes([writeParked({ ...there, due, hint: folded }, there)])) return true
        }
      }),

    release: async (ref, { revision }) => {
      // Where more joined it, the row stays, for whoever comes first.
      await store.write([removeParked(ref, revision), endLease(ref, by)])
    },
  }
}

/** The row as it is to be, with all that `there`, the row as it stands, says already. */
function toRow(
  { ref, hint, from, cause, reason, due }: Parking,
  there: Parked | undefined,
  now: number,
): Parked {
  const attempts = Math.max(there?.attempts ?? 0, from?.attempts ?? 0) + 1
  return {
    ...{ since: now, revision: now, ...there },
    ...{ record: ref, kind: hint.kind, reason, cause, attempts },
    due: due ?? now + waitAfterMs(attempts),
    hint: printHint(there === undefined ? hint : foldHints(readParkedHint(there), hint)),
  }
}

export function readParkedHint({ hint }: Pick<Parked, 'hint'>): Hint {
  // The column holds only what `printHint` printed.
  return JSON.parse(hint) as Hint
}

function printHint(hint: Hint): string {
  const { events } = hint
  const kept = events.filter(
    ({ action }, index) => action !== 'updated' || index >= events.length - mostEvents,
  )
  return JSON.stringify({ ...hint, events: kept })
}

import type { System } from '../../../schemas/record-ref.ts'
import type { Value } from '../fields/value.ts'
import type { Agreed, FieldConflict } from './decide-field.ts'

/** A write that was about to leave: kept before the call, so that a crash makes no conflict of it. */
export type PendingWrite = {
  readonly system: System
  /**
   * By field: the value that was carried over, what it became in the target's form, and what the target
   * held when it was read.
   */
  readonly fields: Readonly<
    Record<
      string,
      {
        readonly from: Value
        readonly sent: Value
        readonly was: Value
        /** An edit that we had overwritten, put back: the other side has yet to receive it. */
        readonly isRestored?: true
        /** Of a PATCH: epoch seconds of the Workbooks change that it carries. */
        readonly sourceTime?: number
        /** A row was about to be made: where it is not found, it is looked for again before (rulebook 4). */
        readonly makesRow?: true
        /** Epoch ms: it was looked for then, and not found. */
        readonly lookedAt?: number
        readonly row?: RowWrite
      }
    >
  >
  /** What this write decides; told even where its answer is lost. */
  readonly conflicts?: readonly FieldConflict[]
}

/** One row that a call of ours changed, or took away: then nothing is left. */
export type RowWrite = { readonly id: string; readonly read: string; readonly left: string | null }

/** One of our own PATCHes, kept for a while to see in its echo whose edit it overwrote (rulebook 8). */
export type OwnPatch = {
  /** Epoch ms, our clock. */
  readonly at: number
  /** The record's `updatedAt` in the answer. */
  readonly updatedAt: string
  /** Of a person who may have several rows: the one that its echo tells of. */
  readonly row?: RowWrite
  /** By Outreach attribute. `sourceTime`: epoch seconds of the Workbooks change that it carried. */
  readonly fields: Readonly<
    Record<
      string,
      { readonly read: Value; readonly left: Value; readonly w: Value; readonly sourceTime: number }
    >
  >
}

/** A change that was seen but could not be settled yet, with the time it then had. */
export type SeenChange = { readonly value: Value; readonly time: number }

/** What we know of a pair between two events; kept as JSON in the state. */
export type PairMemory = {
  readonly agreed: Readonly<Record<string, Agreed>>
  readonly pending?: PendingWrite
  readonly patches?: readonly OwnPatch[]
  /** By `<side>/<field>`. */
  readonly seen?: Readonly<Record<string, SeenChange>>
  /** The Workbooks record's `lock_version` as it was last read or written here. */
  readonly lockVersion?: number
  /** The Workbooks record's updated time, epoch seconds, when its fields were left standing apart. */
  readonly metAt?: number
  /** The parents that the pair names, as the table of relations has them: `<field> <reference>`, sorted. */
  readonly parents?: readonly string[]
  /** Epoch seconds of our own last write to each record: a time that does not count (rulebook 8). */
  readonly ourTimes?: { readonly workbooks?: number; readonly outreach?: number }
}

export const emptyMemory: PairMemory = { agreed: {} }

/** The memory once the write under way has come to its end, this way or that. */
export function withoutPending(memory: PairMemory): PairMemory {
  const { pending, ...rest } = memory
  return pending === undefined ? memory : rest
}

export function readMemory(text: string): PairMemory {
  // The column holds only what `printMemory` wrote.
  return JSON.parse(text) as PairMemory
}

export function printMemory(memory: PairMemory): string {
  return JSON.stringify(memory)
}

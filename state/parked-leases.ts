import type { RecordRef } from '../schemas/record-ref.ts'
import { toParked, type Parked } from './parked.ts'
import type { Statement, StateStore } from './state-store.ts'

type Deps = {
  readonly store: Pick<StateStore, 'read' | 'write'>
  /** Names this process; no other one, on any machine, has it. */
  readonly by: string
  readonly now: () => number
}

/** Who works on a parked row: one process at a time, and no longer than it lives. */
export type ParkedLeases = {
  /** Records whose time has come and that nobody works on, the longest due first. */
  readonly due: (of: {
    readonly kinds: readonly string[]
    readonly limit: number
  }) => Promise<readonly RecordRef[]>
  /** Those of them that are ours from now on; another process may have been quicker. */
  readonly claim: (records: readonly string[]) => Promise<readonly Parked[]>
  /** Keeps what is still in hand; answers what is ours no more. Asks the state only now and then. */
  readonly renew: (records: readonly RecordRef[]) => Promise<readonly RecordRef[]>
  /** Lets go of everything of ours. */
  readonly free: () => Promise<void>
}

/** A process that dies frees its rows by this. */
const leaseMs = 60_000

export function makeParkedLeases({ store, by, now }: Deps): ParkedLeases {
  let renewedAt = Number.NEGATIVE_INFINITY
  let hasClaimed = false

  return {
    async due({ kinds, limit }) {
      if (kinds.length === 0) return []
      const rows = await store.read({
        sql: `SELECT record FROM parked WHERE due <= $1 AND leased_until <= $1 AND kind IN (${marksOf(kinds, 3)})
              ORDER BY due LIMIT $2`,
        params: [now(), limit, ...kinds],
      })
      // Only references are parked.
      return rows.map((row) => String(row['record']) as RecordRef)
    },

    async claim(records) {
      if (records.length === 0) return []
      const at = now()
      // Asked again in the write: where two processes try at once, the second finds the lease taken.
      const [written] = await store.write([
        {
          sql: `UPDATE parked SET leased_until = $1, leased_by = $2
                WHERE due <= $3 AND leased_until <= $3 AND record IN (${marksOf(records, 4)}) RETURNING *`,
          params: [at + leaseMs, by, at, ...records],
        },
      ])
      hasClaimed = true
      const rows = (written?.rows ?? []).map(toParked)
      return rows.sort((one, two) => one.due - two.due)
    },

    async renew(records) {
      if (records.length === 0 || now() - renewedAt < leaseMs / 4) return []
      const at = now()
      const [written] = await store.write([
        {
          sql: `UPDATE parked SET leased_until = $1
                WHERE leased_by = $2 AND record IN (${marksOf(records, 3)}) RETURNING record`,
          params: [at + leaseMs, by, ...records],
        },
      ])
      // Only now: where the state is away it is asked again at the next look.
      renewedAt = at
      const kept = new Set((written?.rows ?? []).map((row) => row['record']))
      return records.filter((record) => !kept.has(record))
    },

    async free() {
      if (!hasClaimed) return
      const sql = `UPDATE parked SET leased_until = 0, leased_by = NULL WHERE leased_by = $1`
      await store.write([{ sql, params: [by] }])
    },
  }
}

/** This process is through with the row; where another has come by it, that one keeps it. */
export function endLease(record: string, by: string): Statement {
  return {
    sql: `UPDATE parked SET leased_until = 0, leased_by = NULL WHERE record = $1 AND leased_by = $2`,
    params: [record, by],
  }
}

function marksOf(values: readonly unknown[], first: number): string {
  return values.map((_, index) => `$${index + first}`).join(',')
}

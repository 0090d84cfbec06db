import { spoolSql } from './table-store.ts'
import type { TableStore } from './table-store.ts'

type Deps = {
  readonly store: Pick<TableStore, 'read'>
  readonly deadAfterMs: number
  /** Milliseconds that only ever grow; nobody else's clock is compared with it. */
  readonly clock: () => number
}

export type SilentOwner = { readonly owner: string; readonly seenAt: number }

/**
 * Each call is a look: answers whose sign of life has not changed over all looks for so long, and whom
 * nobody has. After a look that failed it begins anew: while the state is away nobody can sign.
 */
export function makeSilentOwners({ store, deadAfterMs, clock }: Deps) {
  let seen = new Map<string, { readonly seenAt: number; readonly since: number }>()

  return async (): Promise<readonly SilentOwner[]> => {
    const before = seen
    const asked = clock()
    seen = new Map()
    const rows = await store.read(spoolSql.owners)
    const answered = clock()
    return rows.flatMap((row) => {
      const [owner, seenAt] = [String(row['owner']), Number(row['seen_at'])]
      const last = before.get(owner)
      const since = last?.seenAt === seenAt ? last.since : answered
      seen.set(owner, { seenAt, since })
      const isSilent = seenAt === spoolSql.nobody || asked - since >= deadAfterMs
      return isSilent ? [{ owner, seenAt }] : []
    })
  }
}

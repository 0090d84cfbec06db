import type { Call, Found } from '../../../clients/call.ts'
import type { WorkbooksRecord } from '../../../clients/workbooks/workbooks-client.ts'

type Deps = {
  /** Reads a Workbooks record of a kind, in one call with others that are asked for at the moment. */
  readonly read: (kind: string, id: string, call: Call) => Promise<Found<WorkbooksRecord>>
  readonly now: () => number
}

/** Which ids of a column that may name records of several kinds are of this kind. */
export type Parties = {
  /** Those that Workbooks does not show as records of the kind: of another one, or hidden. */
  readonly othersThan: (
    kind: string,
    ids: readonly string[],
    call: Call,
  ) => Promise<ReadonlySet<string>>
}

// An id never changes its kind; only what was hidden may be shown some day.
const knownMs = 60_000
const mostKnown = 10_000

/** People and organisations share their ids, so only a look says what a customer is (mapping.md 2). */
export function makeParties({ read, now }: Deps): Parties {
  const known = new Map<string, { readonly isShown: boolean; readonly until: number }>()

  async function isShown(kind: string, id: string, call: Call): Promise<boolean> {
    const key = `${kind} ${id}`
    const before = known.get(key)
    if (before !== undefined && before.until > now()) return before.isShown
    const found = await read(kind, id, call)
    if (known.size >= mostKnown) known.clear()
    known.set(key, { isShown: found.kind === 'here', until: now() + knownMs })
    return found.kind === 'here'
  }

  return {
    async othersThan(kind, ids, call) {
      const shown = await Promise.all(ids.map((id) => isShown(kind, id, call)))
      return new Set(ids.filter((_, index) => shown[index] !== true))
    },
  }
}

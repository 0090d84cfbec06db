import { toRecordRef, type System } from '../../../schemas/record-ref.ts'
import { writeFinds, type Find } from '../../../state/misses.ts'
import type { Statement } from '../../../state/state-store.ts'
import type { Found } from '../found.ts'

type Noted = Pick<Found, 'published' | 'changedAt' | 'foundAt'>

/**
 * Notes what was found, to be judged later, by the rows that were read: an e-mail address's own, not its
 * prospect's, for its own webhook would have told. Belongs into the write that says it was published.
 */
export function noteFound(found: readonly Noted[]): readonly Statement[] {
  return writeFinds(found.flatMap(toFinds))
}

function toFinds({ published, changedAt, foundAt }: Noted): readonly Find[] {
  return published.map((part) => ({
    resource: toResourceName(part.system, part.type),
    record: toRecordRef(part),
    version: part.version,
    changedAt: part.changedAt ?? changedAt,
    foundAt,
  }))
}

/** As `ops status` shows it; both systems have an `opportunity`. */
export function toResourceName(system: System, type: string): string {
  return `${system}.${type}`
}

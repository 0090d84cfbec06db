import type { EventLog } from '../../event-log/event-log.ts'
import type { Statement, StateStore } from '../../state/state-store.ts'
import { writePublished } from '../../state/versions.ts'
import type { Found } from './found.ts'

type Deps = {
  readonly log: Pick<EventLog, 'append'>
  readonly store: Pick<StateStore, 'write'>
  /** What is measured of each: whether a webhook had announced it. */
  readonly noteFound: (found: readonly Found[]) => readonly Statement[]
  readonly now: () => number
}

/**
 * Puts what was found in the log, then remembers that it is there together with `also` (a cursor that
 * moves on): a crash in between finds it again, which costs one more hint and loses nothing. Rejects
 * where the log or the state is away.
 */
export type PublishFound = (found: readonly Found[], also?: readonly Statement[]) => Promise<void>

export function makePublishFound({ log, store, noteFound, now }: Deps): PublishFound {
  return async (found, also = []) => {
    if (found.length > 0) await log.append(found.map(({ entry }) => entry))
    const statements = [
      ...writePublished(
        found.flatMap(({ published }) => published),
        now(),
      ),
      ...noteFound(found),
      ...also,
    ]
    if (statements.length > 0) await store.write(statements)
  }
}

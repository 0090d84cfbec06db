import { LogUnavailable } from '../log-unavailable.ts'
import { spoolSql } from './table-store.ts'
import type { TableStore } from './table-store.ts'

type Deps = {
  readonly store: Pick<TableStore, 'write'>
  readonly owner: string
  readonly now: () => number
}

/**
 * The right to one owner's rows. Every sign of life replaces a value that only its holder knows, so who
 * was believed dead and taken over finds that out with its next one.
 */
export type Hold = {
  /** False where another process has the rows; takes them back where nobody has them any more. */
  readonly sign: () => Promise<boolean>
  /**
   * Signs. Resolves with whether another may have had the rows since the last time, rejects with
   * `LogUnavailable` while one has them.
   */
  readonly confirm: () => Promise<boolean>
  /** From whoever last signed with `seenAt`; false where somebody has signed since. */
  readonly take: (seenAt: number) => Promise<boolean>
  /** For the next that looks, or for nobody where no rows are left; nothing where another has them. */
  readonly release: () => Promise<void>
}

/** No stamp of ours. */
const NEVER = -1

export function makeHold({ store, owner, now }: Deps): Hold {
  let known = NEVER
  /** The same one until an answer comes: a sign whose answer was lost may be there all the same. */
  let next = newStamp(now, known)
  let mayHaveMissed = false
  let last: Promise<unknown> = Promise.resolve()

  const oneAtATime = <Result>(act: () => Promise<Result>): Promise<Result> => {
    const done = last.then(act)
    last = done.catch(() => undefined)
    return done
  }
  const isOurs = () => {
    known = next
    next = newStamp(now, known)
  }

  const sign = () =>
    oneAtATime(async () => {
      const written = await store.write([
        spoolSql.sign(owner, [known, next], next),
        spoolSql.sign(owner, [spoolSql.nobody], next),
        spoolSql.begin(owner, next),
      ])
      const [isHeld = false, ...isRegained] = written.map(({ changes }) => changes > 0)
      if (!isHeld) mayHaveMissed = true
      if (!isHeld && !isRegained.includes(true)) return false
      isOurs()
      return true
    })

  return {
    sign,
    confirm: async () => {
      if (!(await sign())) {
        throw new LogUnavailable(
          'Another process has taken over what this one spooled, and forwards it first.',
        )
      }
      const missed = mayHaveMissed
      mayHaveMissed = false
      return missed
    },
    take: (seenAt) =>
      oneAtATime(async () => {
        const [written] = await store.write([spoolSql.sign(owner, [seenAt], next)])
        if (written?.changes !== 1) return false
        mayHaveMissed = true
        isOurs()
        return true
      }),
    release: () =>
      oneAtATime(async () => {
        await store.write([
          spoolSql.removeIfEmpty(owner, [known, next]),
          spoolSql.sign(owner, [known, next], spoolSql.nobody),
        ])
      }),
  }
}

/** Epoch microseconds, the last three digits by chance: no two processes come upon the same one. */
function newStamp(now: () => number, before: number): number {
  const stamp = now() * 1_000 + Math.floor(Math.random() * 1_000)
  return stamp === before ? stamp + 1 : stamp
}

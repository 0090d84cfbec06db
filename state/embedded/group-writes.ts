import { ConstraintBroken } from '../constraint-broken.ts'
import { StatementFailed } from '../statement-failed.ts'
import type { StateStore, Statement, Written } from '../state-store.ts'
import { StateUnavailable } from '../state-unavailable.ts'
import type { Flaw, WriteOutcome } from './messages.ts'
import type { StateThread } from './state-thread.ts'

/** One commit's most: the writes behind it wait no longer than for so many. */
const MAX_GROUP_WRITES = 500
const MAX_QUEUED_WRITES = 50_000

type Queued = {
  readonly statements: readonly Statement[]
  readonly resolve: (written: readonly Written[]) => void
  readonly reject: (why: unknown) => void
}

export type GroupWrites = Pick<StateStore, 'write'> & {
  /** Takes nothing more; resolves once nothing is queued or on its way. */
  readonly close: () => Promise<void>
}

/** One group is on its way to the disk; whatever is written meanwhile goes with the next. */
export function makeGroupWrites(thread: Pick<StateThread, 'ask'>): GroupWrites {
  let queue: Queued[] = []
  let isBusy = false
  let isScheduled = false
  let isClosed = false
  let idleWaiting: (() => void)[] = []

  const send = () => {
    isScheduled = false
    if (isBusy) return
    if (queue.length === 0) {
      for (const resolve of idleWaiting) resolve()
      idleWaiting = []
      return
    }
    isBusy = true
    const group = queue.slice(0, MAX_GROUP_WRITES)
    queue = queue.slice(MAX_GROUP_WRITES)
    const settle = () => {
      isBusy = false
      send()
    }
    thread.ask({ kind: 'write', writes: group.map(({ statements }) => statements) }).then(
      (outcomes) => {
        settle()
        for (const [index, queued] of group.entries()) conclude(queued, outcomes[index])
      },
      (why: unknown) => {
        settle()
        for (const { reject } of group) reject(why)
      },
    )
  }

  /** At the end of this turn of the event loop: what was asked for together goes together. */
  const schedule = () => {
    if (isBusy || isScheduled) return
    isScheduled = true
    setImmediate(send)
  }

  return {
    write: (statements) =>
      new Promise((resolve, reject) => {
        if (isClosed) reject(new StateUnavailable('The state is closed.'))
        else if (queue.length >= MAX_QUEUED_WRITES) {
          reject(new StateUnavailable(`${queue.length} writes of the state wait for the disk.`))
        } else {
          queue.push({ statements, resolve, reject })
          schedule()
        }
      }),
    close: () =>
      new Promise((resolve) => {
        isClosed = true
        idleWaiting.push(resolve)
        schedule()
      }),
  }
}

function conclude({ resolve, reject }: Queued, outcome: WriteOutcome | undefined) {
  if (outcome === undefined) reject(new StateUnavailable('The state gave no answer to a write.'))
  else if (outcome.kind === 'written') resolve(outcome.written)
  else reject(toError(outcome))
}

export function toError({ kind, why }: Flaw): ConstraintBroken | StatementFailed {
  return kind === 'constraint'
    ? new ConstraintBroken(`A unique key of the state forbids this write: ${why}`)
    : new StatementFailed(`The state refused a statement: ${why}`)
}

import type { Entry, Position } from '../event-log.ts'
import { LogUnavailable } from '../log-unavailable.ts'
import { LogWithdrawn } from '../log-withdrawn.ts'
import type { WithdrawableLog } from './direct-sends.ts'

/** What becomes of one send; `keptTwice`: a retry inside the client doubled it. */
export type SendFate = 'kept' | 'keptTwice' | 'keptAndRejected' | 'rejected'

type Options = {
  /** What a broker has: it survives whoever sends. */
  readonly kept: Entry[]
  /** Asked for each send, when its time has come; may take as long as it likes. */
  readonly decideFate: (entries: readonly Entry[]) => Promise<SendFate>
}

type Waiting = {
  readonly entries: readonly Entry[]
  readonly resolve: (positions: readonly Position[]) => void
  readonly reject: (why: unknown) => void
}

/** Sends like the Kafka log: one at a time, all that waits goes together, what waits can be withdrawn. */
export function makeFaultyLog({ kept, decideFate }: Options): WithdrawableLog {
  let waiting: Waiting[] = []
  let isSending = false

  const send = async () => {
    if (isSending || waiting.length === 0) return
    isSending = true
    // What is appended in the same turn goes together.
    await Promise.resolve()
    const sent = waiting
    waiting = []
    const entries = sent.flatMap((one) => one.entries)
    const fate = await decideFate(entries).catch((error: unknown) => error)
    if (fate !== 'rejected' && typeof fate === 'string') kept.push(...entries)
    if (fate === 'keptTwice') kept.push(...entries)
    for (const { entries: own, resolve, reject } of sent) {
      if (fate === 'kept' || fate === 'keptTwice') resolve(own.map(toPosition))
      else reject(fate instanceof Error ? fate : new LogUnavailable('No answer.'))
    }
    isSending = false
    void send()
  }
  const unused = () => Promise.reject(new LogUnavailable('This log is only appended to.'))

  return {
    append: (entries, withdraw) =>
      new Promise((resolve, reject) => {
        const one = { entries, resolve, reject }
        waiting.push(one)
        withdraw?.addEventListener('abort', () => {
          if (!waiting.includes(one)) return
          waiting = waiting.filter((other) => other !== one)
          reject(new LogWithdrawn('Withdrawn in time.'))
        })
        void send()
      }),
    subscribe: unused,
    read: unused,
    partitionsOf: unused,
    lags: unused,
    health: () => Promise.resolve({ ok: true }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

function toPosition({ topic }: Entry, index: number): Position {
  return { topic, partition: 0, offset: BigInt(index) }
}

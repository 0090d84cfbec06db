import type { OwnQueue, Queue, Spool, SpoolSignals } from './spool.ts'

type Deps = {
  readonly own: OwnQueue
  /** Takes over what dead processes left, each once; those that hold nothing are not among them. */
  readonly adopt: () => Promise<readonly Queue[]>
  readonly everyMs: number
  readonly now: () => number
  readonly signals: SpoolSignals
}

/** Looks for what dead processes left, first of all and from time to time; theirs goes before its own. */
export async function openAdoptingSpool(deps: Deps): Promise<Spool> {
  const { own, now, signals } = deps
  let adopted: readonly Queue[] = []
  let tell = () => {}
  let isClosed = false
  let looking = Promise.resolve()

  const look = async () => {
    try {
      const found = await deps.adopt()
      if (found.length === 0) return
      adopted = [...adopted, ...found]
      tell()
      const statuses = await Promise.all(found.map((queue) => queue.status()))
      signals.spoolAdopted({ events: statuses.reduce((sum, { events }) => sum + events, 0) })
    } catch (error) {
      signals.spoolNotAdopted(error)
    }
  }
  /** One look at a time; a disk that is slow is not asked twice. */
  const lookAgain = () => {
    if (!isClosed) looking = looking.then(look)
  }
  const drop = async (queue: Queue) => {
    adopted = adopted.filter((one) => one !== queue)
    await queue[Symbol.asyncDispose]()
  }
  /** What cannot be read must not stand before what can; the next look finds it again. */
  const oldestOf = async (queue: Queue, most: number) => {
    try {
      return await queue.oldest(most)
    } catch (error) {
      signals.spoolNotAdopted(error)
      return undefined
    }
  }

  await look()
  const timer = setInterval(lookAgain, deps.everyMs).unref()

  return {
    keep: own.keep,
    setAside: own.setAside,
    room: own.room,
    isEmpty: () => adopted.length === 0 && own.isEmpty(),
    oldest: async (most) => {
      for (let [queue] = adopted; queue !== undefined; [queue] = adopted) {
        const batch = await oldestOf(queue, most)
        if (batch !== undefined) return batch
        await drop(queue)
      }
      return own.oldest(most)
    },
    status: async () => {
      const statuses = await Promise.all([own, ...adopted].map((queue) => queue.status()))
      const times = statuses.flatMap(({ oldestAt }) => oldestAt ?? [])
      return {
        events: statuses.reduce((sum, { events }) => sum + events, 0),
        oldestSeconds: times.length === 0 ? 0 : Math.max(0, now() - Math.min(...times)) / 1_000,
        fullRatio: await own.fullRatio(),
        setAside: await own.setAsideCount(),
      }
    },
    onAdopted: (listener) => {
      tell = listener
    },
    [Symbol.asyncDispose]: async () => {
      isClosed = true
      clearInterval(timer)
      await looking
      await Promise.all([own, ...adopted].map((queue) => queue[Symbol.asyncDispose]()))
      adopted = []
    },
  }
}

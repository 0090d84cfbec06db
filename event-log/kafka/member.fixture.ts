import type { EventLog, Handed, Subscribe, Subscription, Take } from '../event-log.ts'
import type { Said } from './order-watch.fixture.ts'

type Options = {
  readonly name: string
  readonly what: Subscribe
  readonly say: (said: Said) => void
  /** Works on one entry; entries of one key one after another, keys beside each other. */
  readonly work: (entry: Handed) => Promise<void>
}

export type Member = Subscription & {
  /** The signal of the latest that was handed out. */
  readonly owned: () => AbortSignal | undefined
}

/** Someone who handles entries as a consumer should: in order of a key, and only while they are his. */
export async function joinGroup(
  log: Pick<EventLog, 'subscribe'>,
  { name, what, say, work }: Options,
): Promise<Member> {
  let generations = 0
  let latest: AbortSignal | undefined
  const owners = new WeakMap<AbortSignal, string>()
  const keys = new Map<string, Promise<void>>()
  const ownerOf = (owned: AbortSignal) => {
    const known = owners.get(owned)
    if (known !== undefined) return known
    const owner = `${name}.${++generations}`
    owners.set(owned, owner)
    return owner
  }
  const isLost = (owned: AbortSignal) => owned.aborted
  const handle = async (entry: Handed, owned: AbortSignal) => {
    if (isLost(owned)) return
    await work(entry)
    if (isLost(owned)) return
    say({ kind: 'done', partition: entry.at.partition, offset: Number(entry.at.offset) })
    entry.done()
  }
  const take: Take = (handed, owned) => {
    latest = owned
    const owner = ownerOf(owned)
    for (const entry of handed) {
      const { partition, offset } = entry.at
      say({ kind: 'handed', owner, partition, offset: Number(offset) })
      const before = keys.get(entry.key) ?? Promise.resolve()
      keys.set(
        entry.key,
        before.then(() => handle(entry, owned)),
      )
    }
  }
  const subscription = await log.subscribe(what, take)
  return { ...subscription, owned: () => latest }
}

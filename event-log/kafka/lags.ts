import type { EventLog, Lag } from '../event-log.ts'
import { LogRefused } from '../log-refused.ts'
import type { BrokerCalls } from './broker-calls.ts'
import type { PlacedOffset } from './place.ts'

type Deps = {
  readonly calls: Pick<BrokerCalls, 'groups' | 'committed' | 'offsetsAt' | 'fetch'>
  readonly prefix: string
  /** Groups of this process, without the prefix: all that is known where listing is not allowed. */
  readonly knownGroups: () => readonly string[]
  readonly now: () => number
}

type GroupCommits = { readonly group: string; readonly committed: readonly PlacedOffset[] }

const READS_AT_ONCE = 8
/** One entry is enough, and the broker always sends the first whole. */
const ONE_ENTRY_BYTES = 1

/**
 * Of every group named `<prefix>gateway-<name>` that ever committed; told as Kafka knows it (product 4). A topic
 * counts where the group has committed on it. The age is that of the oldest event that is not
 * committed, by the time that its sender's log gave it.
 */
export function makeKafkaLags(deps: Deps): EventLog['lags'] {
  const { calls, prefix, knownGroups, now } = deps
  const ours = `${prefix}gateway-`
  let underWay: Promise<readonly Lag[]> | undefined
  /** A group that stands still is asked about again and again at the same offset. */
  let times = new Map<string, number>()

  const groupsOf = async (): Promise<readonly string[]> => {
    const known = knownGroups().map((group) => prefix + group)
    try {
      return [...new Set([...(await calls.groups()), ...known])].filter((group) =>
        group.startsWith(ours),
      )
    } catch (error) {
      if (error instanceof LogRefused) return known.filter((group) => group.startsWith(ours))
      throw error
    }
  }

  const commitsOf = async (group: string): Promise<GroupCommits> => {
    const committed = await calls.committed(group)
    return { group, committed: committed.filter(({ topic }) => topic.startsWith(prefix)) }
  }

  const timesOf = async (places: readonly PlacedOffset[]) => {
    const wanted = new Map(places.map((place) => [keyAt(place), place]))
    const found = new Map([...times].filter(([key]) => wanted.has(key)))
    const queue = [...wanted].filter(([key]) => !found.has(key))
    const readNext = async () => {
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
        const [key, place] = next
        const page = await calls.fetch(place, ONE_ENTRY_BYTES)
        const first = page?.batch.messages[0]
        if (first !== undefined) found.set(key, Number(first.timestamp))
      }
    }
    await Promise.all(Array.from({ length: READS_AT_ONCE }, readNext))
    return (times = found)
  }

  const look = async (): Promise<readonly Lag[]> => {
    const groups = await Promise.all((await groupsOf()).map(commitsOf))
    const withCommits = groups.filter(({ committed }) => committed.length > 0)
    const places = new Map(
      withCommits.flatMap(({ committed }) => committed).map((place) => [keyOf(place), place]),
    )
    const [begins, ends] = await Promise.all([
      calls.offsetsAt([...places.values()], 'beginning').then(byPlace),
      calls.offsetsAt([...places.values()], 'end').then(byPlace),
    ])
    const behindOf = ({ committed }: GroupCommits): readonly PlacedOffset[] =>
      committed
        .map((place) => ({
          ...place,
          // What retention took away is not waited for.
          offset: Math.max(place.offset, begins.get(keyOf(place)) ?? 0),
        }))
        .filter((place) => place.offset < (ends.get(keyOf(place)) ?? 0))
    const keptAt = await timesOf(withCommits.flatMap(behindOf))
    return withCommits.map((commits) => {
      const behind = behindOf(commits)
      const events = behind.reduce(
        (sum, place) => sum + (ends.get(keyOf(place)) ?? 0) - place.offset,
        0,
      )
      const oldest = Math.min(...behind.map((place) => keptAt.get(keyAt(place)) ?? Infinity))
      const seconds = oldest === Infinity ? 0 : Math.max(0, (now() - oldest) / 1_000)
      return { group: commits.group, events, seconds }
    })
  }

  return () => {
    // A dashboard and an operator who ask at once get one answer.
    underWay ??= look().finally(() => (underWay = undefined))
    return underWay
  }
}

const keyOf = ({ topic, partition }: PlacedOffset) => `${topic}/${partition}`
const keyAt = (place: PlacedOffset) => `${keyOf(place)}/${place.offset}`

const byPlace = (places: readonly PlacedOffset[]) =>
  new Map(places.map((place) => [keyOf(place), place.offset]))

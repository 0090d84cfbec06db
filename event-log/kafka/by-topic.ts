import type { Place } from './place.ts'

/** As the protocol wants it: each topic once, with its partitions and what is said of each. */
export function byTopic<Item extends Place, Extra extends object>(
  items: readonly Item[],
  extra: (item: Item) => Extra,
) {
  const topics = new Map<string, ({ partition: number } & Extra)[]>()
  for (const item of items) {
    const partitions = topics.get(item.topic) ?? []
    partitions.push({ partition: item.partition, ...extra(item) })
    topics.set(item.topic, partitions)
  }
  return [...topics].map(([topic, partitions]) => ({ topic, partitions }))
}

import { MAX_BATCH_BYTES } from './spool.ts'
import type { Held, Queue } from './spool.ts'

type Deps = {
  /** The next held entries, oldest first; none where nothing is held. */
  readonly readPage: () => Promise<readonly Held[]>
  /** Resolves once these, the oldest, are held no longer. */
  readonly forget: (held: readonly Held[]) => Promise<void>
  /** Whether others may have forwarded some since; rejects where nothing may be handed out. */
  readonly isStale?: () => Promise<boolean>
}

/** Hands out batches from pages, so that large entries are not read again for every batch. */
export function makeOldest({ readPage, forget, isStale }: Deps): Queue['oldest'] {
  let page: readonly Held[] = []
  return async (most) => {
    if ((await isStale?.()) === true) page = []
    if (page.length === 0) page = await readPage()
    const held = page.slice(0, countOf(page, most))
    if (held.length === 0) return undefined
    return {
      held,
      forwarded: async () => {
        await forget(held)
        page = page.slice(held.length)
      },
    }
  }
}

/** As many as fit into a batch, and one at least. */
function countOf(page: readonly Held[], most: number): number {
  let bytes = 0
  for (const [index, { value }] of page.entries()) {
    bytes += value.length
    if (index === most || (index > 0 && bytes > MAX_BATCH_BYTES)) return index
  }
  return page.length
}

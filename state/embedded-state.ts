import { makeGroupWrites, toError } from './embedded/group-writes.ts'
import { openStateThread } from './embedded/state-thread.ts'
import { makeExclusion } from './exclusion.ts'
import { migrate } from './migrations.ts'
import type { Migration } from './migrations.ts'
import type { StateStore } from './state-store.ts'

export type EmbeddedStateOptions = {
  readonly dir: string
  readonly migrations: readonly Migration[]
  readonly now?: () => number
  /** The state's thread ended unasked: nothing can be remembered any more, and the process should end too. */
  readonly died?: (error: unknown) => void
}

/** Rejects with a `StateRefused` sentence where the directory is in use or would not be durable. */
export async function openEmbeddedState(options: EmbeddedStateOptions): Promise<StateStore> {
  const { dir, migrations, now = Date.now } = options
  const thread = await openStateThread({ dir })
  thread.died.addEventListener('abort', () => options.died?.(thread.died.reason))
  const writes = makeGroupWrites(thread)
  const { exclusively } = makeExclusion()
  let closing: Promise<void> | undefined
  const close = async () => {
    await writes.close()
    await thread.close()
  }
  const store: StateStore = {
    read: async (statement) => {
      const outcome = await thread.ask({ kind: 'read', statement })
      if (outcome.kind !== 'rows') throw toError(outcome)
      return outcome.rows
    },
    write: writes.write,
    exclusively,
    [Symbol.asyncDispose]: () => (closing ??= close()),
  }
  try {
    await migrate({ store, migrations, now })
    return store
  } catch (error) {
    await store[Symbol.asyncDispose]()
    throw error
  }
}

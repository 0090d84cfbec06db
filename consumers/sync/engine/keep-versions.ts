import type { StateStore } from '../../../state/state-store.ts'
import { writeHandled, type RecordVersion } from '../../../state/versions.ts'
import type { NotedVersions } from '../pair/noted-versions.ts'

type Deps = { readonly store: Pick<StateStore, 'write'>; readonly now: () => number }

/** Keeps what no outcome took along into the state; returns once it survives a crash. */
export type KeepVersions = (noted: NotedVersions) => Promise<void>

/** One write at a time for all hints that end meanwhile. */
export function makeKeepVersions({ store, now }: Deps): KeepVersions {
  let waiting: RecordVersion[] = []
  let next: Promise<void> | undefined
  let last: Promise<void> = Promise.resolve()

  async function write(after: Promise<void>): Promise<void> {
    // Whoever waited for the one before has been told how it went.
    await after.catch(() => undefined)
    const versions = waiting
    waiting = []
    next = undefined
    await store.write(writeHandled(versions, now()))
  }

  return async (noted) => {
    const versions = noted.unkept()
    if (versions.length === 0) return
    waiting.push(...versions)
    if (next === undefined) {
      last = write(last)
      next = last
    }
    await next
    noted.kept(versions)
  }
}

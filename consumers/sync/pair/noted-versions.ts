import { toRecordRef, type RecordParts, type RecordRef } from '../../../schemas/record-ref.ts'
import type { RecordVersion } from '../../../state/versions.ts'

/**
 * Which versions of which records a hint has read and acted on, or made: what a poller need not tell
 * again. Never a version that was not read: that would lose somebody's edit. One too few costs a hint.
 */
export type NotedVersions = {
  /** What an earlier try read and did not keep was not acted on. */
  readonly clear: () => void
  readonly note: (version: RecordVersion) => void
  /** Our own write turned this version into the next; where it was not noted, nobody acted on what it holds. */
  readonly advance: (from: RecordVersion, to: string) => void
  /** Noted, and not in the state yet. */
  readonly unkept: () => readonly RecordVersion[]
  /** These are in the state by now. */
  readonly kept: (versions: readonly RecordVersion[]) => void
}

export function makeNotedVersions(): NotedVersions {
  const noted = new Map<RecordRef, { readonly version: RecordVersion; readonly isKept: boolean }>()
  const versionOf = (record: RecordParts) => noted.get(toRecordRef(record))?.version.version
  const note = (version: RecordVersion) => {
    if (versionOf(version) === version.version) return
    noted.set(toRecordRef(version), { version, isKept: false })
  }
  return {
    clear: () => {
      noted.clear()
    },
    note,
    advance: (from, version) => {
      if (versionOf(from) === from.version) note({ ...from, version })
    },
    unkept: () => [...noted.values()].flatMap(({ version, isKept }) => (isKept ? [] : [version])),
    kept: (versions) => {
      for (const version of versions) {
        if (versionOf(version) !== version.version) continue
        noted.set(toRecordRef(version), { version, isKept: true })
      }
    },
  }
}

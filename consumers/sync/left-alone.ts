import { removeFact, writeFact } from '../../state/facts.ts'
import type { StateStore } from '../../state/state-store.ts'

type Deps = {
  readonly store: Pick<StateStore, 'write'>
  readonly signals: {
    readonly leftAlone: (facts: { kind: string; what: string; why: string }) => void
  }
}

/** A part of a kind that the credentials do not reach: the rest of the kind goes on. */
type Part = { readonly kind: string; readonly what: string }

export type LeftAlone = {
  /**
   * Tells the log, once for each reason, and `ops status`, each time: another process may have found it over.
   */
  readonly say: (about: Part & { readonly why: string }) => Promise<void>
  readonly isOver: (about: Part) => Promise<void>
}

export function makeLeftAlone({ store, signals }: Deps): LeftAlone {
  // Undefined where nothing was said yet in this process: the state may still hold an earlier word.
  const said = new Map<string, string | null>()
  // `ops status` shows the facts of these names with their kind.
  const nameOf = ({ kind, what }: Part) => `left-alone:${kind}:${what}`

  return {
    async say({ why, ...part }) {
      const name = nameOf(part)
      if (said.get(name) !== why) signals.leftAlone({ ...part, why })
      said.set(name, why)
      await store.write([writeFact(name, `Its ${part.what} are left alone: ${why}.`)])
    },
    async isOver(part) {
      const name = nameOf(part)
      if (said.get(name) === null) return
      said.set(name, null)
      await store.write([removeFact(name)])
    },
  }
}

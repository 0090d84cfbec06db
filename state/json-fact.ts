import { makeFacts, writeFact } from './facts.ts'
import type { StateStore } from './state-store.ts'

/** Keeps one value as JSON under a name; what it is, is the caller's affair. */
export function makeJsonFact<Value>(store: Pick<StateStore, 'read' | 'write'>, name: string) {
  const facts = makeFacts(store)
  return {
    read: async (): Promise<Value | undefined> => {
      const text = await facts.read(name)
      // The fact holds only what `write` printed.
      return text === undefined ? undefined : (JSON.parse(text) as Value)
    },
    write: async (value: Value): Promise<void> => {
      await store.write([writeFact(name, JSON.stringify(value))])
    },
  }
}

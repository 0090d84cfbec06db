import { makeFacts, writeFact } from './facts.ts'
import type { Statement, StateStore } from './state-store.ts'

/** How often a system is polled now. */
export type PollPace = {
  readonly seconds: number
  /** A sentence for operators. */
  readonly reason: string
}

const nameOf = (system: string) => `poll:${system}`

/** Undefined where nobody has polled it yet. */
export async function readPollPace(
  store: Pick<StateStore, 'read'>,
  system: string,
): Promise<PollPace | undefined> {
  const text = await makeFacts(store).read(nameOf(system))
  // Only `writePollPace` writes facts of this name.
  return text === undefined ? undefined : (JSON.parse(text) as PollPace)
}

export function writePollPace(system: string, { seconds, reason }: PollPace): Statement {
  return writeFact(nameOf(system), JSON.stringify({ seconds, reason }))
}

import type { System } from '../schemas/record-ref.ts'
import { makeFacts, removeFact, writeFact } from './facts.ts'
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

type List = { readonly system: System; readonly kind: string; readonly resource: string }

const unreadOf = (system: System) => `poll-unread:${system}:`
const unreadName = ({ system, kind, resource }: List) => `${unreadOf(system)}${kind}:${resource}`

/** Lists that could not be read when they were asked for last, by `<kind>:<list>`, and why. */
export async function readUnread(
  store: Pick<StateStore, 'read'>,
  system: System,
): Promise<ReadonlyMap<string, string>> {
  const prefix = unreadOf(system)
  const unread = await makeFacts(store).readAll(prefix)
  return new Map([...unread].map(([name, why]) => [name.slice(prefix.length), why]))
}

export function writeUnread(list: List, why: string): Statement {
  return writeFact(unreadName(list), why)
}

export function removeUnread(list: List): Statement {
  return removeFact(unreadName(list))
}

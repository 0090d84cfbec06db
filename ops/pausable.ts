import { kinds, type Kind } from '../schemas/kind.ts'
import { systems, type System } from '../schemas/record-ref.ts'
import type { Audited, Input, Members } from './verb.ts'

/** What can stand still by itself. */
export type Pausable = Kind | System

export const pausables: readonly Pausable[] = [...kinds, ...systems]

export type PauseDeps = Audited & {
  readonly pauses: {
    readonly set: (what: Pausable, by: string) => Promise<void>
    readonly clear: (what: Pausable, by: string) => Promise<void>
  }
}

export type PauseAnswer = { readonly what: Pausable; readonly paused: boolean }

export function readPausable(members: Members): Input<Pausable> {
  const given = members['what']
  const what = pausables.find((each) => each === given)
  if (what !== undefined) return { kind: 'input', input: what }
  const shown = given === undefined ? 'nothing' : JSON.stringify(given).slice(0, 120)
  return { kind: 'wrong', sentence: `what must be one of ${pausables.join(', ')}, not ${shown}` }
}

export function isKind(what: Pausable): what is Kind {
  return kinds.some((kind) => kind === what)
}

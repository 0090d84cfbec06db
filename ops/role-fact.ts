/** A role of a process, as the state has it; alive while its last sign is young. */
export type RoleFact = {
  readonly role: string
  readonly pid: number
  /** Names the process; no other one, on any machine, has it. */
  readonly process: string
  readonly since: number
  readonly seenAt: number
}

/** Three signs that did not come. */
const aliveMs = 30_000

export function isAlive({ seenAt }: RoleFact, now: number): boolean {
  return now - seenAt < aliveMs
}

/** Reads a fact whose name begins with `role:`. */
export function readRoleFact(text: string): RoleFact {
  // Only `report-process.ts` writes facts of this name.
  return JSON.parse(text) as RoleFact
}

export type SandboxClock = {
  /** Epoch ms as this Outreach sees it. */
  readonly now: () => number
  readonly advance: (ms: number) => void
  readonly set: (ms: number) => void
}

/** A clock that tests and people can push; without a push it goes as the given one does. */
export function makeSandboxClock(now: () => number): SandboxClock {
  let offsetMs = 0
  return {
    now: () => now() + offsetMs,
    advance: (ms) => {
      offsetMs += ms
    },
    set: (ms) => {
      offsetMs = ms - now()
    },
  }
}

import type { Systems } from '../kill-nine/systems.ts'

/** How badly webhooks are delivered; shares are probabilities from 0 to 1. */
export type Disorder = {
  /** At most; each delivery has its own delay. */
  readonly lateMs: number
  readonly doubled: number
  /** Of either system, webhooks that never come: somebody has to look for what they told. */
  readonly lost?: number
}

/** Webhooks of both systems come late, doubled and out of order, or not at all, from now on. */
export function setDisorder({ outreach, workbooks }: Systems, disorder: Disorder): void {
  const { lateMs, doubled, lost = 0 } = disorder
  outreach.webhooks.change({
    ...{ delayMs: { from: 1, to: lateMs }, keepsOrder: false },
    ...{ duplicates: doubled, drops: lost },
  })
  workbooks.hooks.setDisorder({
    ...{ delayMs: [0, lateMs], duplicates: doubled, resigned: doubled, reorder: 0.3, drops: lost },
  })
}

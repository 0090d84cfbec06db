import type { PolledResource } from '../../schemas/polling.ts'

const yearSeconds = 365 * 86_400

type Costing = Pick<PolledResource, 'every'>

/** Calls to Outreach that one interval takes where nothing has changed. */
export function toCallsPerInterval(resources: readonly Costing[]): number {
  const calls = resources.reduce((sum, { every }) => sum + 1 / every, 0)
  return Math.round(calls * 1_000) / 1_000
}

/** Calls a year: four resources once a minute are 2.1 million (rulebook 12). */
export function toCallsPerYear(resources: readonly Costing[], intervalSeconds: number): number {
  return Math.round((toCallsPerInterval(resources) * yearSeconds) / intervalSeconds)
}

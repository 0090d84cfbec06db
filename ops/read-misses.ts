import { hourMs } from '../state/calls.ts'
import { makeMisses, type HourOfMisses } from '../state/misses.ts'
import type { StateStore } from '../state/state-store.ts'
import type { MissCount, Status } from './status.ts'

const hoursShown = 24

/** What webhooks announced and missed in the last 24 hours, by resource. `now`: epoch ms. */
export async function readMisses(
  store: Pick<StateStore, 'read'>,
  now: number,
): Promise<Status['misses']> {
  const hours = await makeMisses(store).byHour(now - hoursShown * hourMs)
  const resources = [...new Set(hours.map(({ resource }) => resource))]
  return resources.map((resource) => {
    const ofResource = hours.filter((one) => one.resource === resource)
    return {
      resource,
      ...toCount(ofResource),
      hours: ofResource.map((hour) => ({
        hour: new Date(hour.hour * hourMs).toISOString(),
        ...toCount([hour]),
      })),
    }
  })
}

/** Of all that changed, what no webhook announced in time. */
function toCount(hours: readonly HourOfMisses[]): MissCount {
  const announced = hours.reduce((sum, one) => sum + one.announced, 0)
  const found = hours.reduce((sum, one) => sum + one.found, 0)
  const longestDelayMs = Math.max(0, ...hours.map((one) => one.longestDelayMs))
  return {
    announced,
    found,
    ratio: found === 0 ? 0 : Math.round((found / (announced + found)) * 10_000) / 10_000,
    longestDelaySeconds: Math.round(longestDelayMs / 1_000),
  }
}

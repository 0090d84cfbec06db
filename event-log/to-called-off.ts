import { LogUnavailable } from './log-unavailable.ts'

/** What `subscribe` rejects with where its signal aborts first. */
export function toCalledOff(group: string): LogUnavailable {
  return new LogUnavailable(`The subscription of ${group} was called off before it began.`)
}

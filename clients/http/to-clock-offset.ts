import type { HttpAnswer } from './http-call.ts'

/** Their clock minus ours, in ms, by the answer's Date header; undefined where it has none. */
export function toClockOffset(
  answer: Pick<HttpAnswer, 'headers' | 'sentAt' | 'receivedAt'>,
): number | undefined {
  const { headers, sentAt, receivedAt } = answer
  const theirs = Date.parse(headers.get('date') ?? '')
  if (Number.isNaN(theirs)) return undefined
  // Date has whole seconds, cut off: half a second later is the best guess.
  const offset = Math.round(theirs + 500 - (sentAt + receivedAt) / 2)
  // Within that rounding the clocks are the same as far as anybody can tell.
  return Math.abs(offset) <= 500 ? 0 : offset
}

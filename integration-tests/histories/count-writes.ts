import type { Systems } from '../kill-nine/systems.ts'

/** Writes of both systems since their counts were last reset; log-ins are none. */
export function countWrites({ outreach, workbooks }: Systems): number {
  const there = sumOf(outreach.calls.counts(), /^(POST|PATCH|DELETE) (?!oauth)/)
  return there + sumOf(workbooks.calls.counts(), /^rows crm\/(organisations|people|opportunities)$/)
}

function sumOf(counts: Readonly<Record<string, number>>, what: RegExp): number {
  return Object.entries(counts)
    .filter(([name]) => what.test(name))
    .reduce((sum, [, count]) => sum + count, 0)
}

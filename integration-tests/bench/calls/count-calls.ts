import type { House } from '../../start-house.ts'

export type CallCounts = {
  readonly readWorkbooks: number
  readonly readOutreach: number
  readonly writeWorkbooks: number
  readonly writeOutreach: number
}

/** What reached the simulated systems since their counts were last reset, log-ins and all. */
export function countCalls({
  outreach,
  workbooks,
}: Pick<House, 'outreach' | 'workbooks'>): CallCounts {
  const ofOutreach = Object.entries(outreach.calls.counts())
  const ofWorkbooks = Object.entries(workbooks.calls.counts())
  return {
    readWorkbooks: sum(ofWorkbooks, /^(read|login|logout) /),
    readOutreach: sum(ofOutreach, /^GET /),
    writeWorkbooks: sum(ofWorkbooks, /^write /),
    writeOutreach: sum(ofOutreach, /^(POST|PATCH|DELETE) /),
  }
}

function sum(counts: readonly (readonly [string, number])[], what: RegExp): number {
  return counts.filter(([name]) => what.test(name)).reduce((total, [, count]) => total + count, 0)
}

export function totalOf(counts: CallCounts): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}

export function subtractCalls(from: CallCounts, what: CallCounts): CallCounts {
  return {
    readWorkbooks: from.readWorkbooks - what.readWorkbooks,
    readOutreach: from.readOutreach - what.readOutreach,
    writeWorkbooks: from.writeWorkbooks - what.writeWorkbooks,
    writeOutreach: from.writeOutreach - what.writeOutreach,
  }
}

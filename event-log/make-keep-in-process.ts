import type { EventLog, Keep, Prepare } from './event-log.ts'

/** The same promise as a log's own `keep`, for logs that have no thread of their own. */
export function makeKeepInProcess(log: Pick<EventLog, 'append'>, prepare: Prepare): Keep {
  return async (raw) => {
    const { entries, answer } = prepare(raw)
    if (entries.length > 0) await log.append(entries)
    return answer
  }
}

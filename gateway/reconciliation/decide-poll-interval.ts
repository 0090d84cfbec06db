import type { PollPace } from '../../state/poll-pace.ts'

type Given = {
  /** Epoch ms. */
  readonly now: number
  /** What the plan sells a year; undefined: nobody said. */
  readonly yearLimit: number | undefined
  /** When the year of that budget ends, epoch ms. */
  readonly yearEndsAt: number
  /** Calls of all lanes and processes in that year. */
  readonly used: number
  /** Calls an hour, for all; undefined: no such limit. */
  readonly hourLimit: number | undefined
  /** Calls a second that live changes have taken of late: set aside before anything else. */
  readonly liveRate: number
  /** For how long they were counted, in seconds: since first connection, if that is less than the window. */
  readonly liveKnownSeconds: number
  /** Calls that one interval takes where nothing has changed; one that is due each tenth time counts a tenth. */
  readonly callsPerInterval: number
  /** `RECONCILE_INTERVAL_SECONDS`. */
  readonly wantedSeconds: number
}

/** A missed change is found within an hour, whatever the budget. */
export const longestPollSeconds = 3_600

/** The rest is for pages of what has changed, and for the sweep. */
const shareOfPolls = 0.9

/** A lower lane never takes the last 20 % of the hour (rulebook 12). */
const shareOfLowerLanes = 0.8

/** Of the year's calls, for live changes: what less than a week shows of a year depends on the days that it has. */
const shareOfUnknownLive = 0.5

const daySeconds = 86_400
const weekSeconds = 7 * daySeconds
const yearSeconds = 365 * daySeconds

/**
 * How often a system is polled (rulebook 12): as wanted where the budgets pay for it, else evenly over
 * what is left of the year. Interval = calls of one interval / (0.9 x (calls left / seconds left - live
 * calls a second)): 4.2 calls, 250,000 a year and 300 live calls a day: 4.2 / (0.9 x (0.00793 - 0.00347)) = 1,050 s.
 * In the first week no less than half of the year's calls is set aside for live ones.
 */
export function decidePollInterval(given: Given): PollPace {
  const { wantedSeconds, callsPerInterval } = given
  const wanted: PollPace = {
    seconds: wantedSeconds,
    reason: `RECONCILE_INTERVAL_SECONDS asks for ${toSeconds(wantedSeconds)}.`,
  }
  if (callsPerInterval <= 0) return wanted
  const needs = [byHour(given), byYear(given)].filter((need) => need !== undefined)
  const [worst] = needs.sort((one, two) => two.seconds - one.seconds)
  if (worst === undefined || worst.seconds <= wantedSeconds) return wanted
  const seconds = toStep(Math.min(worst.seconds, Math.max(longestPollSeconds, wantedSeconds)))
  return { seconds, reason: worst.tell(seconds) }
}

/** Seconds that an interval must have at least, and how to say why. */
type Need = { readonly seconds: number; readonly tell: (seconds: number) => string }

function byYear(given: Given): Need | undefined {
  const { now, yearLimit, yearEndsAt, used, callsPerInterval } = given
  if (yearLimit === undefined) return undefined
  const left = yearLimit - used
  const limit = `OUTREACH_CALLS_PER_YEAR=${yearLimit}`
  if (left <= 0) {
    const until = new Date(yearEndsAt).toISOString().slice(0, 10)
    return {
      seconds: Infinity,
      tell: (seconds) =>
        `${limit} is used up until ${until}: polled once in ${toSeconds(seconds)} all the same, no less often than that; live changes go on.`,
    }
  }
  const leftSeconds = Math.max(1, (yearEndsAt - now) / 1_000)
  const live = toLive(given, yearLimit)
  const forPolls = shareOfPolls * (left / leftSeconds - live.rate)
  const spent = `${used} are used, ${live.says}`
  return {
    seconds: secondsFor(callsPerInterval, forPolls),
    tell: (seconds) =>
      isEnough(seconds, forPolls, callsPerInterval)
        ? `${limit} pays for one poll in ${toSeconds(seconds)}, evenly over the rest of the year: ${spent}.`
        : `${limit} does not even pay for one poll in ${toSeconds(seconds)}: ${spent}. Polled no less often than that; raise the budget.`,
  }
}

/** Calls a second that are set aside for live changes, and how to say so. */
function toLive({ liveRate, liveKnownSeconds }: Given, yearLimit: number) {
  const unknown = (shareOfUnknownLive * yearLimit) / yearSeconds
  if (liveKnownSeconds >= weekSeconds || liveRate >= unknown)
    return { rate: liveRate, says: `live changes take about ${perDay(liveRate)} a day` }
  const says = `${perDay(unknown)} a day are kept for live changes until a week of them is known`
  return { rate: unknown, says }
}

function byHour({ hourLimit, liveRate, callsPerInterval }: Given): Need | undefined {
  if (hourLimit === undefined) return undefined
  const forPolls = shareOfPolls * ((shareOfLowerLanes * hourLimit) / 3_600 - liveRate)
  const limit = `OUTREACH_CALLS_PER_HOUR=${hourLimit}`
  return {
    seconds: secondsFor(callsPerInterval, forPolls),
    tell: (seconds) =>
      isEnough(seconds, forPolls, callsPerInterval)
        ? `${limit} pays for one poll in ${toSeconds(seconds)}: a fifth of it is kept for live changes, which take about ${perDay(liveRate)} a day.`
        : `${limit} does not even pay for one poll in ${toSeconds(seconds)}. Polled no less often than that; raise the budget.`,
  }
}

function secondsFor(calls: number, rate: number): number {
  return rate <= 0 ? Infinity : calls / rate
}

function isEnough(seconds: number, rate: number, calls: number): boolean {
  return secondsFor(calls, rate) <= seconds
}

/** Whole steps of 5 s, so that the interval does not tremble. */
function toStep(seconds: number): number {
  return Math.ceil(seconds / 5) * 5
}

function perDay(rate: number): number {
  return Math.round(rate * daySeconds)
}

function toSeconds(seconds: number): string {
  return `${Math.round(seconds)} s`
}

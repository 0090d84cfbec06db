import assert from 'node:assert/strict'
import fc from 'fast-check'
import { test } from 'vitest'
import { decidePollInterval } from './decide-poll-interval.ts'

const now = Date.UTC(2026, 2, 2)
const dayMs = 86_400_000
const perDay = (calls: number) => calls / 86_400

type Given = Parameters<typeof decidePollInterval>[0]

const given: Given = {
  now,
  yearLimit: 250_000,
  yearEndsAt: now + 365 * dayMs,
  used: 0,
  hourLimit: 10_000,
  liveRate: perDay(300),
  liveKnownSeconds: 28 * 86_400,
  callsPerInterval: 4.2,
  wantedSeconds: 60,
}

const secondsOf = (changed: Partial<Given>) => decidePollInterval({ ...given, ...changed }).seconds

// prettier-ignore
const rows: readonly { readonly says: string; readonly changed: Partial<Given>; readonly seconds: number }[] = [
  { says: 'no yearly budget: as asked',                          changed: { yearLimit: undefined },                              seconds: 60 },
  { says: 'a budget that pays for it: as asked',                 changed: { yearLimit: 4_000_000 },                              seconds: 60 },
  { says: 'a longer interval that was asked for stays',          changed: { wantedSeconds: 1_800 },                              seconds: 1_800 },
  { says: 'less: evenly over the year, live set aside',          changed: {},                                                    seconds: 1_050 },
  { says: 'half a year later, half of it used: the same',        changed: { used: 125_000, yearEndsAt: now + 182.5 * dayMs },    seconds: 1_050 },
  { says: 'half a year later, nothing used: more often',         changed: { yearEndsAt: now + 182.5 * dayMs },                   seconds: 380 },
  { says: 'more live changes: less often',                       changed: { liveRate: perDay(500) },                             seconds: 2_185 },
  { says: 'first day, nothing known: half of the year for live', changed: { liveKnownSeconds: 3_600, liveRate: 0 },              seconds: 1_180 },
  { says: 'so in the whole first week',                          changed: { liveKnownSeconds: 604_799, liveRate: perDay(200) },  seconds: 1_180 },
  { says: '... a week is known: that counts',                    changed: { liveKnownSeconds: 604_800, liveRate: perDay(200) },  seconds: 835 },
  { says: '... more than half, on the third day: that counts',   changed: { liveKnownSeconds: 259_200, liveRate: perDay(500) },  seconds: 2_185 },
  { says: 'first day, a budget that pays for both: as asked',    changed: { liveKnownSeconds: 0, yearLimit: 8_000_000 },         seconds: 60 },
  { says: 'live changes alone take it all: an hour',             changed: { liveRate: perDay(700) },                             seconds: 3_600 },
  { says: 'all of it used: an hour',                             changed: { used: 250_000 },                                     seconds: 3_600 },
  { says: 'used beyond it, on the last day: an hour',            changed: { used: 300_000, yearEndsAt: now },                    seconds: 3_600 },
  { says: 'nothing is polled: nothing to slow down',             changed: { callsPerInterval: 0, used: 250_000 },                seconds: 60 },
  { says: 'an hour that is too small counts as well',            changed: { yearLimit: undefined, hourLimit: 100, liveRate: 0 }, seconds: 210 },
  { says: 'no limit of any kind',                                changed: { yearLimit: undefined, hourLimit: undefined },        seconds: 60 },
  { says: 'the stricter of the two holds',                       changed: { hourLimit: 100, liveRate: 0 },                       seconds: 590 },
]

test.each(rows)('$says', ({ changed, seconds }) => {
  assert.equal(secondsOf(changed), seconds)
})

// prettier-ignore
const reasons: readonly { readonly changed: Partial<Given>; readonly reason: RegExp }[] = [
  { changed: { yearLimit: undefined }, reason: /^RECONCILE_INTERVAL_SECONDS asks for 60 s\.$/ },
  { changed: { used: 1_000 },
    reason: /^OUTREACH_CALLS_PER_YEAR=250000 pays for one poll in 1055 s, evenly over the rest of the year: 1000 are used, live changes take about 300 a day\.$/ },
  { changed: { liveKnownSeconds: 3_600, liveRate: 0 },
    reason: /^OUTREACH_CALLS_PER_YEAR=250000 pays for one poll in 1180 s, evenly over the rest of the year: 0 are used, 342 a day are kept for live changes until a week of them is known\.$/ },
  { changed: { liveRate: perDay(700) },
    reason: /^OUTREACH_CALLS_PER_YEAR=250000 does not even pay for one poll in 3600 s: 0 are used, live changes take about 700 a day\. Polled no less often than that; raise the budget\.$/ },
  { changed: { used: 250_000 },
    reason: /^OUTREACH_CALLS_PER_YEAR=250000 is used up until 2027-03-02: polled once in 3600 s all the same, no less often than that; live changes go on\.$/ },
  { changed: { yearLimit: undefined, hourLimit: 100, liveRate: 0 },
    reason: /^OUTREACH_CALLS_PER_HOUR=100 pays for one poll in 210 s: a fifth of it is kept for live changes, which take about 0 a day\.$/ },
]

test.each(reasons)('the reason is a sentence: $reason', ({ changed, reason }) => {
  assert.match(decidePollInterval({ ...given, ...changed }).reason, reason)
})

test('polled as told all year, with steady live changes, no budget is overspent, and little is left', () => {
  const cases = fc.record({
    yearLimit: fc.integer({ min: 100_000, max: 3_000_000 }),
    callsPerInterval: fc.integer({ min: 10, max: 80 }).map((tenths) => tenths / 10),
    liveShare: fc.integer({ min: 0, max: 70 }).map((percent) => percent / 100),
  })
  fc.assert(
    fc.property(cases, ({ yearLimit, callsPerInterval, liveShare }) => {
      const livePerDay = (yearLimit * liveShare) / 365
      let used = 0
      let isEverSlowed = false
      for (let day = 0; day < 365; day += 1) {
        const { seconds } = decidePollInterval({
          ...given,
          now: now + day * dayMs,
          yearLimit,
          callsPerInterval,
          used,
          liveRate: perDay(livePerDay),
        })
        const isSlowed = seconds > 60
        isEverSlowed ||= isSlowed
        used += livePerDay + (86_400 / seconds) * callsPerInterval
        // The cap of an hour may cost more than the plan sells.
        if (seconds === 3_600) return true
      }
      assert.ok(used <= yearLimit, `${used} of ${yearLimit}`)
      if (isEverSlowed) assert.ok(used >= yearLimit * 0.85, `${used} of ${yearLimit}`)
      return true
    }),
    { numRuns: 200 },
  )
})

test('a burst of live changes makes polls rarer at once, and is spread over the rest of the year', () => {
  const half = { yearEndsAt: now + 182.5 * dayMs, used: 125_000 }
  const before = secondsOf(half)
  const after = secondsOf({ ...half, used: 145_000 })
  assert.ok(after > before * 1.2 && after < before * 2, `${before} s, then ${after} s`)
})

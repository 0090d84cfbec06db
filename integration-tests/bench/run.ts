// npm run bench [-- deliveries | latency | calls | people | opportunities | interval | week | backfill | kafka |
// consume | exclusion | keys | memory] [--minutes=20] [--rounds=n] [--profile=dir] and the counts below: prints, asserts nothing.
import { parseArgs } from 'node:util'
import { measureBackfill } from './backfill/measure-backfill.ts'
import { measureCalls } from './calls/measure-calls.ts'
import { measureOpportunities } from './calls/measure-opportunities.ts'
import { measurePeople } from './calls/measure-people.ts'
import { measureConsume } from './consume/measure-consume.ts'
import { measureDeliveries } from './deliveries/measure-deliveries.ts'
import { measureExclusion } from './exclusion/measure-exclusion.ts'
import { measureInterval } from './interval/measure-interval.ts'
import { measureKafka } from './kafka/measure-kafka.ts'
import { measureKeys } from './keys/measure-keys.ts'
import { measureLatency } from './latency/measure-latency.ts'
import { measureMemory } from './memory/measure-memory.ts'
import { whyNoBenchStores } from './open-bench-stores.ts'
import { measureWeek } from './week/measure-week.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '9' },
    count: { type: 'string', default: '20000' },
    'warm-up': { type: 'string', default: '60000' },
    profile: { type: 'string' },
    changed: { type: 'string', default: '1000' },
    edits: { type: 'string', default: '300' },
    events: { type: 'string', default: '50000' },
    messages: { type: 'string', default: '10000' },
    employed: { type: 'string', default: '2000' },
    opportunities: { type: 'string', default: '500' },
    minutes: { type: 'string', default: '2' },
    days: { type: 'string', default: '7' },
    'calls-per-year': { type: 'string', default: '250000' },
    records: { type: 'string', default: '100000' },
    only: { type: 'string' },
  },
})
const isAsked = (part: string) => positionals.length === 0 || positionals.includes(part)
const tell = (line: string) => process.stderr.write(`${line}\n`)
const print = (text: string) => process.stdout.write(`\n${text}\n`)

const rounds = Number(values.rounds)
const count = Number(values.count)
const profile = values.profile === undefined ? {} : { profileDir: values.profile }
const whyNoStores = await whyNoBenchStores()

if (isAsked('deliveries')) {
  const only = values.only === undefined ? {} : { only: values.only }
  print(await measureDeliveries({ rounds, count, connections: 50, ...profile, ...only, tell }))
}

if (isAsked('latency')) {
  const edits = Number(values.edits)
  print(await measureLatency({ edits, withKafka: whyNoStores === undefined, tell }))
}

if (isAsked('calls')) {
  print(await measureCalls({ changed: Number(values.changed), created: 200, tell }))
}

if (isAsked('people')) {
  print(
    await measurePeople({
      employed: Number(values.employed),
      changed: Number(values.changed),
      minutes: Number(values.minutes),
      tell,
    }),
  )
}

if (isAsked('opportunities')) {
  print(await measureOpportunities({ opportunities: Number(values.opportunities), tell }))
}

if (isAsked('interval')) print(await measureInterval({ tell }))

if (isAsked('week')) {
  const callsPerYear = Number(values['calls-per-year'])
  print(await measureWeek({ days: Number(values.days), callsPerYear, tell }))
}

if (isAsked('backfill')) print(await measureBackfill({ records: Number(values.records), tell }))

const onKafka: Readonly<Record<string, () => Promise<string>>> = {
  kafka: () => measureKafka({ rounds, count, warmUp: Number(values['warm-up']), ...profile, tell }),
  consume: () => measureConsume({ rounds, count: 2 * count, tell }),
  exclusion: () => measureExclusion({ rounds, count, tell }),
  keys: () => measureKeys({ count: Number(values.messages), tell }),
  memory: () => measureMemory({ events: Number(values.events), tell }),
}
for (const [name, measure] of Object.entries(onKafka)) {
  if (!isAsked(name)) continue
  print(whyNoStores === undefined ? await measure() : `NOT MEASURED: ${name}. ${whyNoStores}`)
}

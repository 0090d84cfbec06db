// npm run bench [-- deliveries | latency | calls | people] [--minutes=20] [--rounds=n] [--profile=dir]: prints, asserts nothing.
import { parseArgs } from 'node:util'
import { measureCalls } from './calls/measure-calls.ts'
import { measurePeople } from './calls/measure-people.ts'
import { measureLatency } from './latency/measure-latency.ts'
import { measureDeliveries } from './deliveries/measure-deliveries.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '9' },
    count: { type: 'string', default: '20000' },
    profile: { type: 'string' },
    changed: { type: 'string', default: '1000' },
    edits: { type: 'string', default: '300' },
    employed: { type: 'string', default: '2000' },
    minutes: { type: 'string', default: '2' },
    only: { type: 'string' },
  },
})
const isAsked = (part: string) => positionals.length === 0 || positionals.includes(part)
const tell = (line: string) => process.stderr.write(`${line}\n`)
const print = (text: string) => process.stdout.write(`\n${text}\n`)

if (isAsked('deliveries')) {
  print(
    await measureDeliveries({
      rounds: Number(values.rounds),
      count: Number(values.count),
      connections: 50,
      ...(values.profile !== undefined && { profileDir: values.profile }),
      ...(values.only !== undefined && { only: values.only }),
      tell,
    }),
  )
}

if (isAsked('latency')) {
  print(await measureLatency({ edits: Number(values.edits), tell }))
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

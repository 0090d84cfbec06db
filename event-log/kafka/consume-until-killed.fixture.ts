import { appendFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { joinGroup } from './member.fixture.ts'
import { openConsumerLog } from './consumer-log.fixture.ts'

// A member of a group in a process of its own: what happens goes to a file, for it may be killed at any time.
const [address = '', prefix = '', topic = '', file = '', name = ''] = process.argv.slice(2)
const log = openConsumerLog({ address, prefix })
let count = 0
await joinGroup(log, {
  name,
  what: { group: 'gateway-killed', topics: [topic], startFrom: 'beginning', maxInHand: 50 },
  say: (said) => {
    appendFileSync(file, `${JSON.stringify(said)}\n`)
    if (said.kind === 'done' && ++count % 50 === 0) process.send?.(count)
  },
  work: ({ at }) => wait(Number(at.offset) % 4),
})

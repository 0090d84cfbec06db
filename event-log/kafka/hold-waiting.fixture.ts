import { EventEmitter, once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import type { Handed } from '../event-log.ts'
import { openConsumerLog } from './consumer-log.fixture.ts'

// A consumer in a process of its own with much waiting for it: takes all it may, tells how large it
// grew, then handles everything and tells again.
const [address = '', prefix = '', topic = '', total = ''] = process.argv.slice(2)
const log = openConsumerLog({ address, prefix })
const maxInHand = 2_000
const what = { group: 'gateway-one', topics: [topic], startFrom: 'beginning', maxInHand } as const
const inHand: Handed[] = []
const taken = new EventEmitter()
const mostMb = () => Math.round(process.resourceUsage().maxRSS / 1_024)
await log.subscribe(what, (handed) => {
  inHand.push(...handed)
  taken.emit('taken')
})
while (inHand.length < maxInHand) await once(taken, 'taken')
// Fetching goes on meanwhile, until as much waits as may.
for (let last = 0; last !== mostMb();) {
  last = mostMb()
  await wait(1_000)
}
process.send?.({ inHand: inHand.length, mostMb: mostMb() })
for (let handled = 0; handled < Number(total);) {
  if (inHand.length === 0) await once(taken, 'taken')
  for (const { done } of inHand.splice(0)) {
    handled++
    done()
  }
}
process.send?.({ inHand: inHand.length, mostMb: mostMb() })
await log[Symbol.asyncDispose]()
process.disconnect()

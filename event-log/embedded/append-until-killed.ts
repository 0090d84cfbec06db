// A process for the kill -9 test of the embedded log: it appends and consumes until it is killed.
import { appendFileSync } from 'node:fs'
import { openEmbeddedLog } from '../embedded-log.ts'

const [, , dir = '', acknowledged = '', done = '', round = '0'] = process.argv
const log = await openEmbeddedLog({ dir, retention: { maxAgeMs: 86_400_000 } })

await log.subscribe(
  { group: 'gateway-crash', topics: ['t'], startFrom: 'beginning', maxInHand: 50 },
  (handed) => {
    // Backwards, and written down before it is said: the commit may lag behind, never run ahead.
    for (const entry of handed.toReversed()) {
      appendFileSync(done, `${entry.at.offset}\n`)
      entry.done()
    }
  },
)

async function appendOn(writer: number) {
  for (let n = 0; ; n++) {
    const key = `${round}-${writer}`
    const values = [`${key}-${2 * n}`, `${key}-${2 * n + 1}`]
    const positions = await log.append(
      values.map((value) => ({ topic: 't', key, value: Buffer.from(value) })),
    )
    appendFileSync(
      acknowledged,
      positions.map(({ offset }, index) => `${offset} ${values[index] ?? ''}\n`).join(''),
    )
    if (writer === 0 && n === 50) process.send?.('busy')
  }
}
await Promise.all(Array.from({ length: 20 }, (_, writer) => appendOn(writer)))

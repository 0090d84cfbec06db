// A process for the kill -9 test of the spooling log: it appends, to a log that comes and goes, until
// it is killed. The log is a file to which every line is appended whole.
import { appendFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { LogUnavailable } from '../log-unavailable.ts'
import { makeSpoolingLog } from '../spooling-log.ts'
import { makeFaultyLog } from './faulty-log.fixture.ts'
import { openDiskSpool } from './open-disk-spool.ts'
import { quietSignals } from './signals.fixture.ts'

const [, , dir = '', kept = '', acknowledged = '', round = '0', mode = 'come-and-go'] = process.argv

let sends = 0
let isAwayForGood = false
const inner = makeFaultyLog({
  kept: [],
  decideFate: async (entries) => {
    sends++
    if (mode !== 'drain' && sends % 7 === 0) await wait(12)
    const isAway = isAwayForGood || (sends > 40 && sends % 5 !== 0)
    if (mode !== 'drain' && isAway) throw new LogUnavailable('Away.')
    appendFileSync(kept, entries.map(({ value }) => `${Buffer.from(value).toString()}\n`).join(''))
    return 'kept'
  },
})
const log = makeSpoolingLog({
  log: inner,
  spool: await openDiskSpool({ dir, signals: quietSignals }),
  deadlineMs: 10,
  isHopeless: () => false,
  waits: { firstMs: 1, lastMs: 5 },
  signals: { ...quietSignals, spoolLeft: () => mode === 'drain' && process.send?.('drained') },
})

async function appendOn(writer: number) {
  for (let n = 0; ; n++) {
    const key = `${round}-${writer}`
    await log.append([{ topic: 't', key, value: Buffer.from(`${key} ${n}`) }])
    appendFileSync(acknowledged, `${key} ${n}\n`)
    // Before the end it stays away, so that something is left when the process is killed.
    if (writer === 0 && n === 30) isAwayForGood = true
    if (writer === 0 && n === 40) process.send?.('busy')
  }
}
if (mode === 'drain') {
  // Something to be entered for, where the last life left nothing.
  if ((await log.status()).events === 0) process.send?.('drained')
} else await Promise.all(Array.from({ length: 20 }, (_, writer) => appendOn(writer)))

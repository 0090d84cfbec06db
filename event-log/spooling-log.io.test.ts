import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbeddedLog } from './embedded-log.ts'
import { eventLogContract } from './event-log.contract.ts'
import { openDiskSpool } from './spool/open-disk-spool.ts'
import { quietSignals } from './spool/signals.fixture.ts'
import { makeSpoolingLog } from './spooling-log.ts'

eventLogContract({
  name: 'the spooling log in front of a log that is well',
  open: async () => {
    const dir = mkdtempSync(join(tmpdir(), 'log-'))
    const open = async () =>
      makeSpoolingLog({
        log: await openEmbeddedLog({ dir, retention: { maxAgeMs: 86_400_000 } }),
        spool: await openDiskSpool({ dir, signals: quietSignals }),
        isHopeless: () => false,
        signals: quietSignals,
      })
    const log = await open()
    let latest = log
    let topics = 0
    return {
      log,
      reopen: async () => {
        await latest[Symbol.asyncDispose]()
        return (latest = await open())
      },
      makeTopic: () => Promise.resolve(`outreach.topic-${++topics}`),
      close: async () => {
        await latest[Symbol.asyncDispose]()
        rmSync(dir, { recursive: true })
      },
    }
  },
})

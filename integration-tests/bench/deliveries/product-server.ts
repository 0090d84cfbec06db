import { randomBytes } from 'node:crypto'
import { openEmbeddedLog } from '../../../event-log/embedded-log.ts'
import { makeGateway } from '../../../gateway/make-gateway.ts'
import { makeLogger } from '../../../runtime/logger.ts'
import { makeMetrics } from '../../../runtime/metrics.ts'
import { makeSignals } from '../../../runtime/signals.ts'

/** The product's gateway as `start.ts` makes it: its log on disk, its metrics, its logger at `info`. */
export async function openProductServer(secret: string, dir: string) {
  const log = await openEmbeddedLog({
    dir,
    retention: { maxAgeMs: 14 * 86_400_000 },
    prepare: {
      module: new URL('../../../gateway/prepare-deliveries.ts', import.meta.url),
      options: {},
    },
  })
  const metrics = makeMetrics({ withProcess: true })
  const logger = makeLogger({ level: 'info', format: 'json', stream: process.stdout })
  const gateway = makeGateway({
    keep: log.keep,
    ready: () => Promise.resolve({ ok: true }),
    secrets: { outreach: [secret], workbooksWebhook: [], workbooksHook: [] },
    usedTokens: { has: () => Promise.resolve(false), remember: () => Promise.resolve() },
    now: Date.now,
    randomBytes,
    signals: makeSignals({ logger, metrics }),
  })
  return {
    server: gateway.server,
    /** How many entries the log holds, asked of the log itself. */
    countKept: async () => {
      for (let count = 0; ;) {
        const what = { topic: 'outreach.account', partition: 0, limit: 1_000 }
        const some = await log.read({ ...what, from: { offset: BigInt(count) } })
        if (some.length === 0) return count
        count += some.length
      }
    },
    close: async () => {
      await gateway.close(0)
      await log[Symbol.asyncDispose]()
    },
  }
}

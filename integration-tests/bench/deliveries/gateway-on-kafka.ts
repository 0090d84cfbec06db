import { readSettings } from '../../../runtime/read-settings.ts'
import { readSyncConfig } from '../../../schemas/sync-config.ts'
import { startProduct } from '../../../start.ts'
import { untilReady } from '../until-ready.ts'

/** The role `gateway` as `start.ts` starts it, on Kafka and PostgreSQL, with its spool on disk. */
export async function openGatewayOnKafka(
  secret: string,
  dir: string,
  stores: Readonly<Record<string, string>>,
) {
  const read = readSettings({
    ...stores,
    PORT: '0',
    OPS_PORT: '0',
    DATA_DIR: dir,
    LOG_LEVEL: 'info',
    LOG_FORMAT: 'json',
    OUTREACH_WEBHOOK_SECRETS: secret,
    OUTREACH_ACCESS_TOKEN: 'never-used',
    WORKBOOKS_API_KEY: 'never-used',
    WORKBOOKS_HOOK_JWT_SECRETS: secret,
    OPS_JWT_SECRET: 'bench-ops-secret-of-more-than-32-bytes',
  })
  const config = readSyncConfig({})
  if (read.kind === 'mistakes') throw new Error(read.mistakes.join('\n'))
  if (config.kind === 'mistakes') throw new Error(config.mistakes.join('\n'))
  const started = startProduct(read.settings, config.config, { roles: ['gateway'] })
  const { gatewayUrl = '', stop } = await started
  await untilReady(gatewayUrl)
  return {
    port: Number(new URL(gatewayUrl).port),
    // Whoever started Kafka asks Kafka itself.
    countKept: () => Promise.resolve(NaN),
    close: async () => {
      await stop('the benchmark is over')
    },
  }
}

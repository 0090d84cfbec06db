import { readTopic, type Found } from '../../event-log/kafka/read-topic.fixture.ts'
import type { Town } from './open-town.ts'

/** All that is on `outreach.account`, as a plain consumer of the broker finds it. */
export function readAccounts({ env }: Pick<Town, 'env'>): Promise<readonly Found[]> {
  const { KAFKA_BROKERS: brokers = '', KAFKA_PREFIX: prefix = '' } = env
  return readTopic(brokers, `${prefix}outreach.account`)
}

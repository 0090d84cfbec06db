import assert from 'node:assert/strict'
import { logLevel } from 'kafkajs'
import { describe, test } from 'vitest'
import { makeKafka, toBrokerSaid } from './make-kafka.ts'
import type { BrokerSaid, KafkaConnection } from './make-kafka.ts'

const connection: KafkaConnection = { clientId: 'c', brokers: ['kafka.invalid:9096'], prefix: '' }

/** What its sockets are asked for, and what it says when they cannot be had. */
async function connect(more: Partial<KafkaConnection>) {
  const asked: { readonly host: string; readonly port: number; readonly ssl: unknown }[] = []
  const said: BrokerSaid[] = []
  const kafka = makeKafka(
    { ...connection, ...more },
    { brokerSaid: (facts) => said.push(facts) },
    {
      retries: 0,
      socketFactory: ({ host, port, ssl }) => {
        asked.push({ host, port, ssl })
        throw new Error('no network here')
      },
    },
  )
  await assert.rejects(kafka.admin().connect(), /no network here/)
  const [first] = asked
  assert(first !== undefined)
  return { ...first, said }
}

describe('a client of the cluster', () => {
  test('connects to the brokers, without TLS where none is asked for', async () => {
    const { host, port, ssl } = await connect({})
    assert.deepEqual({ host, port, ssl }, { host: 'kafka.invalid', port: 9096, ssl: false })
  })

  test('verifies the chain and the name of the host', async () => {
    const { ssl } = await connect({ ssl: { ca: 'CA' } })
    assert.deepEqual(ssl, { ca: 'CA', rejectUnauthorized: true })
    assert.equal((await connect({ ssl: true })).ssl, true)
  })

  test('verifies the chain but not the name where it was told so (Heroku)', async () => {
    const { ssl } = await connect({ ssl: { ca: 'CA', cert: 'C', key: 'K', skipHostCheck: true } })
    const { checkServerIdentity, ...rest } = ssl as { checkServerIdentity: () => unknown }
    assert.deepEqual(rest, { ca: 'CA', cert: 'C', key: 'K', rejectUnauthorized: true })
    assert.equal(checkServerIdentity(), undefined)
  })

  test('says what happens, and no secret', async () => {
    const sasl = { mechanism: 'plain', username: 'us', password: 'pa55word' } as const
    const { said } = await connect({ sasl, ssl: { key: 'k3y' } })
    assert(said.some(({ message }) => message.includes('Failed to connect')))
    assert.doesNotMatch(JSON.stringify(said), /pa55word|k3y/)
  })

  // prettier-ignore
  const rows: readonly { namespace: string; level: logLevel; message: string; error?: string; says: BrokerSaid }[] = [
    { namespace: 'Consumer', level: logLevel.INFO, message: 'Pausing fetching from 1 topics', says: { level: 'debug', message: '[Consumer] Pausing fetching from 1 topics' } },
    { namespace: 'Consumer', level: logLevel.INFO, message: 'Resuming fetching from 1 topics', says: { level: 'debug', message: '[Consumer] Resuming fetching from 1 topics' } },
    { namespace: 'Runner', level: logLevel.WARN, message: 'The group is rebalancing, re-joining', says: { level: 'info', message: '[Runner] The group is rebalancing, re-joining' } },
    { namespace: 'Connection', level: logLevel.ERROR, message: 'Response Heartbeat(key: 12, version: 3)', error: 'The group is rebalancing, so a rejoin is needed', says: { level: 'info', message: '[Connection] Response Heartbeat(key: 12, version: 3) - The group is rebalancing, so a rejoin is needed' } },
    { namespace: 'Consumer', level: logLevel.ERROR, message: 'Crash: KafkaJSError: it is over', says: { level: 'error', message: '[Consumer] Crash: KafkaJSError: it is over' } },
    { namespace: 'Connection', level: logLevel.ERROR, message: 'Connection timeout', says: { level: 'warn', message: '[Connection] Connection timeout' } },
    { namespace: '', level: logLevel.INFO, message: 'Stopped', says: { level: 'info', message: 'Stopped' } },
  ]
  test.each(rows)(
    'says "$message" in its own tone',
    ({ namespace, level, message, error, says }) => {
      const log = {
        timestamp: '',
        logger: 'kafkajs',
        message,
        ...(error !== undefined && { error }),
      }
      assert.deepEqual(toBrokerSaid({ namespace, level, label: '', log }), says)
    },
  )
})

import assert from 'node:assert/strict'
import { AclOperationTypes, AclPermissionTypes, AclResourceTypes } from 'kafkajs'
import { ConfigResourceTypes, ResourcePatternTypes } from 'kafkajs'
import type { Admin } from 'kafkajs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, test } from 'vitest'
import { LogRefused } from '../log-refused.ts'
import { LogUnavailable } from '../log-unavailable.ts'
import type { TopicDiffers, WantedTopics } from './decide-topics.ts'
import { makeKafka } from './make-kafka.ts'
import type { KafkaConnection } from './make-kafka.ts'
import { openLine } from './open-line.ts'
import { openTopics } from './open-topics.ts'
import type { Topics } from './open-topics.ts'
import { startKafka } from './start-kafka.fixture.ts'
import type { KafkaBroker } from './start-kafka.fixture.ts'

const jaas =
  'org.apache.kafka.common.security.plain.PlainLoginModule required' +
  ' username="admin" password="of-admin" user_admin="of-admin" user_app="of-app";'

/** Like Heroku's dedicated plans: who writes may not create. */
const guarded = {
  'listener.security.protocol.map': 'PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
  'listener.name.plaintext.sasl.enabled.mechanisms': 'PLAIN',
  'listener.name.plaintext.plain.sasl.jaas.config': jaas,
  'sasl.mechanism.inter.broker.protocol': 'PLAIN',
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users': 'User:admin;User:ANONYMOUS',
}

const quiet = { brokerSaid: () => undefined }
const NAMES = ['outreach.account', 'sync.outcome']

describe('the topics of the log', () => {
  let broker: KafkaBroker
  let admin: Admin
  let prefix: string
  let tests = 0
  let opened: Topics[]
  let created: string[]
  let differs: TopicDiffers[]
  let away: string[]

  const sasl = (username: string, password = `of-${username}`) =>
    ({ mechanism: 'plain', username, password }) as const
  const connect = (as: KafkaConnection['sasl']): KafkaConnection => ({
    clientId: 'topics',
    brokers: [broker.address],
    prefix,
    ...(as !== undefined && { sasl: as }),
  })
  const open = (as: KafkaConnection['sasl'], more: Partial<WantedTopics> = {}) => {
    const connection = connect(as)
    const topics = openTopics({
      openLine: () => openLine(connection, quiet),
      wanted: {
        names: NAMES.map((name) => prefix + name),
        partitions: 3,
        retentionMs: 86_400_000,
        keepForever: [`${prefix}sync.outcome`],
        ...more,
      },
      prefix,
      signals: {
        topicsCreated: (facts) => created.push(...facts.topics),
        topicDiffers: (facts) => differs.push(facts),
        topicsAway: ({ why }) => away.push(why),
      },
    })
    opened.push(topics)
    return topics
  }

  beforeAll(async () => {
    broker = await startKafka({ properties: guarded })
    prefix = ''
    admin = makeKafka(connect(sasl('admin')), quiet).admin()
    await admin.connect()
  })
  afterAll(async () => {
    await admin.disconnect()
    await broker[Symbol.asyncDispose]()
  })
  beforeEach(() => {
    prefix = `name-${++tests}.`
    opened = []
    created = []
    differs = []
    away = []
  })
  afterEach(() => Promise.all(opened.map((topics) => topics.close())))

  test('are created as they were asked for, and known without their prefix', async () => {
    const topics = open(sasl('admin'))
    assert.equal(topics.isKnown(), false)
    await topics.known()
    assert.deepEqual(
      NAMES.map((name) => topics.countOf(name)),
      [3, 3],
    )
    assert.deepEqual(created.toSorted(), NAMES.map((name) => prefix + name).toSorted())
    assert.equal(topics.why(), undefined)
    await topics.ping()
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: NAMES.map((name) => ({ type: ConfigResourceTypes.TOPIC, name: prefix + name })),
    })
    const settings = new Map(
      resources.map(({ resourceName, configEntries }) => [
        resourceName.slice(prefix.length),
        new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
      ]),
    )
    assert.equal(settings.get('outreach.account')?.get('retention.ms'), '86400000')
    assert.equal(settings.get('sync.outcome')?.get('retention.ms'), '-1')
    assert.equal(settings.get('sync.outcome')?.get('min.insync.replicas'), '1')
  })

  test('of nobody are refused for good', async () => {
    const topics = open(sasl('admin'))
    await topics.known()
    const count = topics.countOf('outreach.unheard-of')
    assert(count instanceof LogRefused)
    assert.match(count.message, /outreach\.unheard-of is not one of the topics/)
  })

  test('are created once by ten processes that start at once', async () => {
    const all = Array.from({ length: 10 }, () => open(sasl('admin')))
    await Promise.all(all.map((topics) => topics.known()))
    await until(() => all.every((topics) => topics.countOf('sync.outcome') === 3))
    assert.deepEqual(created.toSorted(), NAMES.map((name) => prefix + name).toSorted())
    assert.deepEqual(away, [])
  })

  test('that exist with less than was asked for are used as they are, and told once each', async () => {
    const topic = `${prefix}outreach.account`
    await admin.createTopics({
      waitForLeaders: false,
      topics: [{ topic, numPartitions: 2, replicationFactor: 1 }],
    })
    const topics = open(sasl('admin'), { partitions: 12, replication: 3 })
    await topics.known()
    assert.equal(topics.countOf('outreach.account'), 2)
    assert.equal(topics.countOf('sync.outcome'), 12)
    topics.lookAgain()
    await topics.ping()
    assert.deepEqual(differs, [{ topic, what: 'partitions', has: 2, asked: 12 }])
  })

  test('that we may not create are named in a sentence, and taken once somebody has', async () => {
    const allowed = {
      resourcePatternType: ResourcePatternTypes.PREFIXED,
      resourceName: prefix,
      resourceType: AclResourceTypes.TOPIC,
      principal: 'User:app',
      host: '*',
      permissionType: AclPermissionTypes.ALLOW,
    }
    await admin.createAcls({ acl: [{ ...allowed, operation: AclOperationTypes.ALL }] })
    // `ALL` would allow to create; denied, as where the plan does not have it.
    const denied = { ...allowed, permissionType: AclPermissionTypes.DENY }
    await admin.createAcls({ acl: [{ ...denied, operation: AclOperationTypes.CREATE }] })
    const topics = open(sasl('app'))
    await topics.known()
    const missing = topics.countOf('outreach.account')
    assert(missing instanceof LogUnavailable)
    assert.match(
      missing.message,
      new RegExp(
        `^Kafka lacks ${prefix}outreach.account, ${prefix}sync.outcome, which we could not`,
      ),
    )
    assert.match(missing.message, /create each with 3 partitions/)
    assert.deepEqual(away, [missing.message])

    await admin.createTopics({
      waitForLeaders: false,
      topics: NAMES.map((name) => ({ topic: prefix + name, numPartitions: 4 })),
    })
    await until(() => {
      topics.lookAgain()
      return topics.why() === undefined
    })
    assert.equal(topics.countOf('outreach.account'), 4)
  })

  test('are waited for where Kafka does not know us; the sentence shows no password', async () => {
    const topics = open(sasl('app', 'wr0ng'))
    await until(() => topics.why() !== undefined)
    assert.match(topics.why() ?? '', /^Kafka cannot be reached at present: .*[Aa]uthentication/)
    assert.doesNotMatch(topics.why() ?? '', /wr0ng/)
    assert.equal(topics.isKnown(), false)
    await assert.rejects(topics.ping())
  })
})

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 10))
}

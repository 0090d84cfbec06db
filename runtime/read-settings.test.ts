import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'vitest'
import { readSettings, type Environment } from './read-settings.ts'
import type { Settings } from './settings.ts'

const machine = { isTerminal: false, hasFile: () => false }
const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

const real = { OUTREACH_ACCESS_TOKEN: 'fixed-token', WORKBOOKS_API_KEY: 'wb-key' }
const production = {
  ...real,
  NODE_ENV: 'production',
  OUTREACH_WEBHOOK_SECRETS: 'newest,older',
  WORKBOOKS_HOOK_JWT_SECRETS: 'hook-secret',
  OPS_JWT_SECRET: 'an-operators-secret-of-32-letters',
}

function read(env: Environment): Settings {
  const answer = readSettings(env, machine)
  assert.equal(answer.kind, 'ok', answer.kind === 'mistakes' ? answer.mistakes.join('\n') : '')
  return answer.settings
}

function mistakesOf(env: Environment): readonly string[] {
  const answer = readSettings(env, machine)
  return answer.kind === 'mistakes' ? answer.mistakes : []
}

function warningsOf(env: Environment): readonly string[] {
  return readSettings(env, machine).warnings
}

describe('with nothing set', () => {
  test('the sandbox starts, with the defaults of the table', () => {
    const settings = read({})
    assert.equal(settings.mode, 'sandbox')
    assert.equal(settings.port, 3000)
    assert.equal(settings.opsPort, 3001)
    assert.equal(settings.dataDir, './data')
    assert.equal(settings.outreachApiUrl, 'https://api.outreach.io')
    assert.equal(settings.outreachCallsPerHour, 10_000)
    assert.equal(settings.outreachCallsPerYear, undefined)
    assert.equal(settings.reconcileIntervalSeconds, 60)
    assert.equal(settings.opsUrl, 'http://127.0.0.1:3001')
    assert.equal(settings.logLevel, 'info')
    assert.equal(settings.syncConfig, undefined)
    assert.deepEqual(settings.outreachWebhookSecrets, [])
    assert.equal(settings.diskLasts, true)
  })

  test('nothing is worth a warning', () => assert.deepEqual(warningsOf({}), []))

  test('a setting that is empty counts as absent', () => {
    assert.equal(read({ PORT: '', OUTREACH_API_URL: ' ', WORKBOOKS_API_KEY: '' }).mode, 'sandbox')
  })

  test('production refuses, and lists all that is missing', () => {
    const mistakes = mistakesOf({ NODE_ENV: 'production' })
    const names = mistakes.map((mistake) => mistake.split(/[ ,]/)[0])
    assert.deepEqual(names, [
      'OUTREACH_CLIENT_ID',
      'WORKBOOKS_API_KEY',
      'OUTREACH_WEBHOOK_SECRETS',
      'WORKBOOKS_HOOK_JWT_SECRETS',
      'OPS_JWT_SECRET',
    ])
  })
})

test('all mistakes are reported together', () => {
  assert.deepEqual(mistakesOf({ ...production, PORT: 'eighty', OUTREACH_WEBHOOK_SECRETS: '' }), [
    'PORT must be a whole number from 0 to 65535, not "eighty": type for example PORT=3000',
    "OUTREACH_WEBHOOK_SECRETS is missing: no delivery of Outreach's could be verified; type OUTREACH_WEBHOOK_SECRETS=...",
  ])
})

// prettier-ignore
const wrong = [
  { says: 'a port past the last',                 env: { PORT: '65536' },                          names: 'PORT must be a whole number from 0 to 65535, not "65536"' },
  { says: 'a port with a sign',                   env: { OPS_PORT: '-1' },                         names: 'OPS_PORT must be a whole number' },
  { says: 'two servers on one port',              env: { PORT: '4000', OPS_PORT: '4000' },         names: 'OPS_PORT must be another port than PORT, not "4000"' },
  { says: 'polling too often',                    env: { RECONCILE_INTERVAL_SECONDS: '4' },        names: 'RECONCILE_INTERVAL_SECONDS must be a whole number from 5 to 3600, not "4"' },
  { says: 'polling too seldom',                   env: { RECONCILE_INTERVAL_SECONDS: '3601' },     names: 'from 5 to 3600, not "3601"' },
  { says: 'an address without a scheme',          env: { OUTREACH_API_URL: 'api.outreach.io' },    names: 'OUTREACH_API_URL must be a full address that begins with http:// or https://, not "api.outreach.io"' },
  { says: 'an address of another scheme',         env: { PUBLIC_URL: 'ftp://example.com' },        names: 'PUBLIC_URL must be a full address' },
  { says: 'an address with a password',           env: { OPS_URL: 'http://me:pw@example.com' },    names: 'OPS_URL must be an address without a user name' },
  { says: 'an unknown log level',                 env: { LOG_LEVEL: 'loud' },                      names: 'LOG_LEVEL must be one of error, warn, info, debug, not "loud"' },
  { says: 'brokers without a port',               env: { KAFKA_BROKERS: 'kafka-1' },               names: 'KAFKA_BROKERS must be host:port' },
  { says: 'a Kafka address of another scheme',    env: { KAFKA_URL: 'http://kafka-1:9092' },       names: 'KAFKA_URL must be kafka://host:port' },
  { says: 'a third of the SASL settings',         env: { KAFKA_SASL_USERNAME: 'me' },              names: 'KAFKA_SASL_MECHANISM is missing: KAFKA_SASL_USERNAME cannot be used without it' },
  { says: 'a database that is none',              env: { DATABASE_URL: 'mysql://h/d' },            names: 'DATABASE_URL must be a full address that begins with postgres:// or postgresql://, not what it is (a secret, not shown)' },
  { says: 'a mapping file that is not there',     env: { SYNC_CONFIG: 'my.json' },                 names: 'SYNC_CONFIG must name a file that is there, not "my.json"' },
  { says: 'a list of nothing',                    env: { ...real, OUTREACH_WEBHOOK_SECRETS: ',' }, names: 'OUTREACH_WEBHOOK_SECRETS must name at least one value' },
  { says: 'no key of Workbooks',                  env: { OUTREACH_ACCESS_TOKEN: 't' },             names: 'WORKBOOKS_API_KEY is missing' },
  { says: 'no way into Outreach',                 env: { WORKBOOKS_API_KEY: 'k' },                 names: 'there is no way into Outreach' },
  { says: 'an OAuth client without its secret',   env: { OUTREACH_CLIENT_ID: 'c' },                names: 'OUTREACH_CLIENT_SECRET is missing: OUTREACH_CLIENT_ID cannot be used without it' },
  { says: 'a refresh token without a client',     env: { OUTREACH_REFRESH_TOKEN: 'r' },            names: 'OUTREACH_CLIENT_ID is missing: OUTREACH_REFRESH_TOKEN cannot be used without it' },
  { says: 'a part of server-to-server',           env: { OUTREACH_S2S_GUID: 'g' },                 names: 'OUTREACH_S2S_PRIVATE_KEY is missing: OUTREACH_S2S_GUID cannot be used without it' },
  { says: 'a disk that does not last',            env: { DYNO: 'web.1' },                          names: 'ALLOW_EPHEMERAL_DATA is missing: DYNO is set' },
  { says: 'a private key as public key',          env: { OPS_JWT_PUBLIC_KEY: privateKey },         names: 'OPS_JWT_PUBLIC_KEY must be a public key' },
]

test.each(wrong)('a mistake: $says', ({ env, names }) => {
  const mistakes = mistakesOf(env)
  assert.ok(
    mistakes.some((mistake) => mistake.includes(names)),
    `expected "${names}" in:\n${mistakes.join('\n')}`,
  )
})

test("a secret's value is in no mistake", () => {
  const env = {
    NODE_ENV: 'production',
    OUTREACH_S2S_PRIVATE_KEY: 'not-a-key-but-a-secret',
    DATABASE_URL: 'mysql://user:hunter2@host/db',
    OUTREACH_CLIENT_SECRET: 'hunter2',
    KAFKA_CLIENT_CERT_KEY: 'hunter2',
  }
  const said = mistakesOf(env).join('\n')
  assert.ok(said.includes('OUTREACH_S2S_PRIVATE_KEY must be a private key'))
  assert.ok(!/hunter2|not-a-key/.test(said), said)
})

test('a setting that is wrong is reported once, not as missing too', () => {
  const mistakes = mistakesOf({ ...production, OUTREACH_WEBHOOK_SECRETS: ',' })
  assert.equal(mistakes.length, 1)
})

describe('what was typed is understood', () => {
  test('port 0 is any free port', () => {
    const { port, opsPort, opsUrl } = read({ PORT: '0', OPS_PORT: '0' })
    assert.deepEqual({ port, opsPort }, { port: 0, opsPort: 0 })
    assert.equal(opsUrl, 'http://127.0.0.1:0')
  })

  test('with OPS_PORT=0 the command line asks at PORT', () => {
    assert.equal(read({ PORT: '8080', OPS_PORT: '0' }).opsUrl, 'http://127.0.0.1:8080')
  })

  test('the slash at the end of an address is taken off', () => {
    assert.equal(
      read({ OUTREACH_API_URL: 'http://127.0.0.1:4001/' }).outreachApiUrl,
      'http://127.0.0.1:4001',
    )
  })

  test('a comma list may have blanks', () => {
    const settings = read({ ...real, OUTREACH_WEBHOOK_SECRETS: ' newest , older,' })
    assert.deepEqual(settings.outreachWebhookSecrets, ['newest', 'older'])
  })

  test('a key in PEM text may stand in one line', () => {
    const settings = read({
      WORKBOOKS_API_KEY: 'k',
      OUTREACH_S2S_GUID: 'g',
      OUTREACH_S2S_INSTALL_ID: '7',
      OUTREACH_S2S_PRIVATE_KEY: privateKey.replaceAll('\n', '\\n'),
      OPS_JWT_PUBLIC_KEY: publicKey,
    })
    assert.equal(settings.outreachS2sPrivateKey, privateKey)
    assert.equal(settings.opsJwtPublicKey, publicKey)
    assert.equal(settings.outreachAccess, 's2s')
  })

  test("Heroku's KAFKA_URL becomes brokers and TLS; KAFKA_BROKERS wins over it", () => {
    const KAFKA_URL = 'kafka+ssl://a.example.com:9096,kafka+ssl://b.example.com:9096'
    const fromUrl = read({ KAFKA_URL })
    assert.deepEqual(fromUrl.kafkaBrokers, ['a.example.com:9096', 'b.example.com:9096'])
    assert.equal(fromUrl.kafkaSsl, true)
    const named = read({ KAFKA_URL, KAFKA_BROKERS: 'localhost:9092' })
    assert.deepEqual(named.kafkaBrokers, ['localhost:9092'])
    assert.equal(named.kafkaSsl, false)
  })

  test('credentials make it the real thing, in and out of production', () => {
    assert.equal(read(real).mode, 'real')
    assert.equal(read(production).isProduction, true)
    assert.equal(read(real).outreachAccess, 'token')
  })

  test('an OAuth client may go on with the stored refresh token', () => {
    const env = { WORKBOOKS_API_KEY: 'k', OUTREACH_CLIENT_ID: 'c', OUTREACH_CLIENT_SECRET: 's' }
    assert.equal(read(env).outreachAccess, 'oauth')
    assert.ok(warningsOf(env).some((warning) => warning.startsWith('OUTREACH_REFRESH_TOKEN')))
  })

  test('a mapping file that is there is named; the usual one is found by itself', () => {
    const answer = readSettings({}, { hasFile: (path) => path === './sync.config.json' })
    assert.equal(answer.kind === 'ok' && answer.settings.syncConfig, './sync.config.json')
  })

  test('the log is text at a terminal and JSON elsewhere, unless it is said', () => {
    const terminal = readSettings({}, { ...machine, isTerminal: true })
    assert.equal(terminal.kind === 'ok' && terminal.settings.logFormat, 'text')
    assert.equal(read({}).logFormat, 'json')
    assert.equal(read({ LOG_FORMAT: 'TEXT' }).logFormat, 'text')
  })

  test('a disk that does not last is taken where it is allowed', () => {
    assert.equal(read({ DYNO: 'web.1', ALLOW_EPHEMERAL_DATA: '1' }).diskLasts, false)
  })

  test("an operator's own machine needs no credentials", () => {
    const env = { NODE_ENV: 'production', OPS_URL: 'https://ops.example.com/' }
    const answer = readSettings(env, { ...machine, use: 'command-line' })
    assert.equal(answer.kind === 'ok' && answer.settings.opsUrl, 'https://ops.example.com')
  })
})

// prettier-ignore
const misspelt = [
  { name: 'OUTREACH_WEBHOOK_SECRET', meant: 'OUTREACH_WEBHOOK_SECRETS' },
  { name: 'WORKBOOKS_APIKEY',        meant: 'WORKBOOKS_API_KEY' },
  { name: 'KAFKA_BROKER',            meant: 'KAFKA_BROKERS' },
  { name: 'OPS_PROT',                meant: 'OPS_PORT' },
]

test.each(misspelt)('$name looks like $meant, and a warning says so', ({ name, meant }) => {
  const warning = `${name} is not a setting, and nothing reads it: is ${meant} meant?`
  assert.deepEqual(warningsOf({ [name]: 'x' }), [warning])
})

test("other people's settings are none of our business", () => {
  assert.deepEqual(warningsOf({ OPS_GENIE_KEY: 'x', KAFKA_HEAP_OPTS: 'x', PATH: '/bin' }), [])
})

test('a short operators secret is worth a warning', () => {
  assert.ok(warningsOf({ OPS_JWT_SECRET: 'short' })[0]?.startsWith('OPS_JWT_SECRET is shorter'))
})

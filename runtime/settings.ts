import { isCertificate, isPrivateKey, isPublicKey } from './is-pem.ts'
import {
  choice,
  flag,
  hosts,
  kafkaUrl,
  list,
  path,
  pem,
  text,
  url,
  whole,
  type Setting,
} from './setting.ts'

const secret = true
const port = { from: 0, to: 65_535 }
const days = { from: 1, to: 3_650 }
const privateKey = { secret, isValid: isPrivateKey, what: 'a private key' }
const publicKey = { isValid: isPublicKey, what: 'a public key' }
const certificate = { isValid: isCertificate, what: 'a certificate' }

/** Every setting there is: key, meaning, parser, default, secret or not. README and `.env.example` are made from it. */
export const settingsTable = {
  port: whole('PORT', "the gateway's HTTP port", { ...port, fallback: 3000 }),
  opsPort: whole(
    'OPS_PORT',
    "the operator's HTTP port (metrics, ops API, console); `0` serves them on `PORT`",
    { ...port, fallback: 3001 },
  ),
  dataDir: path(
    'DATA_DIR',
    'where the embedded log, the embedded state and the spool live',
    './data',
  ),
  kafkaBrokers: hosts('KAFKA_BROKERS', '`host:port,...`; empty: the embedded log', {
    example: 'kafka-1.example.com:9092,kafka-2.example.com:9092',
  }),
  kafkaUrl: kafkaUrl('KAFKA_URL', "Heroku's form of the brokers: `kafka+ssl://host:port,...`"),
  kafkaTrustedCert: pem(
    'KAFKA_TRUSTED_CERT',
    'certificate (or two) that the brokers are checked with',
    certificate,
  ),
  kafkaClientCert: pem(
    'KAFKA_CLIENT_CERT',
    'our certificate, for brokers that ask for one',
    certificate,
  ),
  kafkaClientCertKey: pem('KAFKA_CLIENT_CERT_KEY', 'the key of `KAFKA_CLIENT_CERT`', privateKey),
  kafkaPrefix: text('KAFKA_PREFIX', 'stands before the names of topics and consumer groups', {
    example: 'name-1234.',
  }),
  kafkaSaslMechanism: choice('KAFKA_SASL_MECHANISM', 'how the brokers ask us to log in', {
    choices: ['plain', 'scram-sha-256', 'scram-sha-512'],
  }),
  kafkaSaslUsername: text('KAFKA_SASL_USERNAME', 'user name at the brokers'),
  kafkaSaslPassword: text('KAFKA_SASL_PASSWORD', 'password at the brokers', { secret }),
  kafkaSsl: flag('KAFKA_SSL', '`1`: TLS to the brokers'),
  kafkaTopicPartitions: whole('KAFKA_TOPIC_PARTITIONS', 'partitions of topics that we create', {
    from: 1,
    to: 1_000,
    fallback: 12,
  }),
  kafkaTopicReplication: whole('KAFKA_TOPIC_REPLICATION', 'replicas of topics that we create', {
    from: 1,
    to: 100,
    example: '3',
    shownDefault: '3 (1 on a one-broker cluster)',
  }),
  databaseUrl: url('DATABASE_URL', 'PostgreSQL for the state; empty: embedded', {
    secret,
    schemes: ['postgres', 'postgresql'],
    example: 'postgres://user:password@host:5432/database',
  }),
  outreachApiUrl: url('OUTREACH_API_URL', "where Outreach's API is", {
    fallback: 'https://api.outreach.io',
  }),
  outreachWebUrl: url(
    'OUTREACH_WEB_URL',
    'prefix of the Outreach URL written to Workbooks: `<prefix>/accounts/<id>`, `/prospects/<id>`, `/opportunities/<id>`, `/tasks/<id>`',
    { fallback: 'https://web.outreach.io' },
  ),
  outreachClientId: text('OUTREACH_CLIENT_ID', 'the OAuth application'),
  outreachClientSecret: text('OUTREACH_CLIENT_SECRET', 'the OAuth application', { secret }),
  outreachRedirectUri: url('OUTREACH_REDIRECT_URI', 'the OAuth application, as it is registered', {
    example: 'https://gateway.example.com/oauth/callback',
  }),
  outreachRefreshToken: text(
    'OUTREACH_REFRESH_TOKEN',
    'first refresh token, used once; afterwards the stored, rotated one. A value other than the one taken before replaces what is stored',
    { secret },
  ),
  outreachAccessToken: text(
    'OUTREACH_ACCESS_TOKEN',
    'a fixed token instead of OAuth (tests, sandbox)',
    { secret },
  ),
  outreachS2sGuid: text(
    'OUTREACH_S2S_GUID',
    'server-to-server instead of OAuth, where its reach is enough',
  ),
  outreachS2sPrivateKey: pem(
    'OUTREACH_S2S_PRIVATE_KEY',
    'server-to-server: the RSA key of the application',
    privateKey,
  ),
  outreachS2sInstallId: text('OUTREACH_S2S_INSTALL_ID', 'server-to-server: the installation'),
  outreachWebhookSecrets: list(
    'OUTREACH_WEBHOOK_SECRETS',
    "secrets of Outreach's webhooks: comma list, newest first; every one is accepted",
    { secret },
  ),
  outreachCallsPerHour: whole('OUTREACH_CALLS_PER_HOUR', 'budget of calls to Outreach', {
    from: 1,
    to: 10_000_000,
    fallback: 10_000,
  }),
  outreachCallsPerYear: whole(
    'OUTREACH_CALLS_PER_YEAR',
    'calls that the plan sells a year, counted from first connection: polling is spread evenly over it. Without it the start log says what polling costs a year',
    { from: 1, to: 10_000_000_000, example: '1000000' },
  ),
  workbooksApiUrl: url('WORKBOOKS_API_URL', "where Workbooks' API is", {
    fallback: 'https://secure.workbooks.com',
  }),
  workbooksApiKey: text('WORKBOOKS_API_KEY', 'key of the Workbooks user that we act as', {
    secret,
  }),
  workbooksWebhookSecrets: list(
    'WORKBOOKS_WEBHOOK_SECRETS',
    "native webhooks' `secret_key`s: comma list",
    { secret },
  ),
  workbooksHookJwtSecrets: list(
    'WORKBOOKS_HOOK_JWT_SECRETS',
    'HS256 secrets of the On Change process: comma list, newest first',
    { secret },
  ),
  publicUrl: url('PUBLIC_URL', 'where senders reach us (used when webhooks are registered)', {
    example: 'https://gateway.example.com',
  }),
  reconcileIntervalSeconds: whole(
    'RECONCILE_INTERVAL_SECONDS',
    'how often both systems are asked for what the webhooks missed',
    { from: 5, to: 3_600, fallback: 60 },
  ),
  syncConfig: text('SYNC_CONFIG', 'mapping and policy file', {
    example: './sync.config.json',
    shownDefault: '`./sync.config.json`, else built-in defaults',
  }),
  opsJwtSecret: text('OPS_JWT_SECRET', "verifies operators' and subscribers' tokens (HS256)", {
    secret,
    shownDefault: 'outside production: a secret made once in `DATA_DIR`, mode 600',
  }),
  opsJwtPublicKey: pem('OPS_JWT_PUBLIC_KEY', 'the same with RS256 or ES256', publicKey),
  opsUrl: url('OPS_URL', 'for the command line: where the product runs', {
    example: 'http://127.0.0.1:3001',
    shownDefault: '`http://127.0.0.1:<OPS_PORT>`',
  }),
  opsToken: text('OPS_TOKEN', 'for the command line: a token to show it', {
    secret,
    shownDefault: 'one made from `OPS_JWT_SECRET`',
  }),
  logRetentionDays: whole(
    'LOG_RETENTION_DAYS',
    'events in the embedded log (never past what one of our own groups has not handled) and `retention.ms` of topics that we create',
    { ...days, fallback: 14 },
  ),
  outcomeRetentionDays: whole(
    'OUTCOME_RETENTION_DAYS',
    'outcomes kept in the state, found from either record of the pair',
    { ...days, fallback: 90 },
  ),
  logLevel: choice('LOG_LEVEL', '`error`, `warn`, `info` or `debug`', {
    choices: ['error', 'warn', 'info', 'debug'],
    shownDefault: 'info',
  }),
  logFormat: choice('LOG_FORMAT', '`json` or `text`', {
    choices: ['json', 'text'],
    shownDefault: '`text` at a terminal, else `json`',
  }),
  allowEphemeralData: flag('ALLOW_EPHEMERAL_DATA', '`1`: embedded stores although `DYNO` is set'),
} as const

/** The table's values, each under its name, as the environment has them or by default. */
export type SettingValues = {
  readonly [Name in keyof typeof settingsTable]: (typeof settingsTable)[Name] extends Setting<
    infer Value
  >
    ? Value
    : never
}

/** How we get into Outreach; undefined in the sandbox. */
export type OutreachAccess = 'token' | 'oauth' | 's2s'

/** The values, and what follows from them and from the machine. */
export type Settings = SettingValues & {
  /** `sandbox`: no credential of either system is there, and this is not production. */
  readonly mode: 'sandbox' | 'real'
  readonly isProduction: boolean
  readonly outreachAccess: OutreachAccess | undefined
  readonly logLevel: 'error' | 'warn' | 'info' | 'debug'
  readonly logFormat: 'json' | 'text'
  /** Where the command line finds the product. */
  readonly opsUrl: string
  /** Whether files in DATA_DIR outlive a restart of the machine (`DYNO` is not set). */
  readonly diskLasts: boolean
  /** The file to read, undefined: built-in defaults. */
  readonly syncConfig: string | undefined
}

/** All lines of the table, in its order. */
export function everySetting(): readonly (readonly [string, Setting<unknown>])[] {
  return Object.entries(settingsTable)
}

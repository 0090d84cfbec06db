import type { Settings } from './settings.ts'

export type Mistake = { readonly sentence: string; readonly keys: readonly string[] }

type Context = {
  readonly use: 'product' | 'command-line'
  readonly hasFile: (path: string) => boolean
  /** As it was given: undefined where the usual file or the defaults are meant. */
  readonly namedSyncConfig: string | undefined
}

type Found = { readonly mistakes: readonly Mistake[]; readonly warnings: readonly string[] }

/** What does not go together, or is missing though the rest needs it (product 2). */
export function findMissing(settings: Settings, context: Context): Found {
  if (context.use === 'command-line') return { mistakes: [], warnings: [] }
  const mistakes = [
    ...halves(settings),
    ...(settings.mode === 'real' ? indispensable(settings) : []),
    ...(settings.isProduction ? neededInProduction(settings) : []),
    ...placesOf(settings, context),
  ]
  return { mistakes, warnings: warningsOf(settings) }
}

const s2sKeys = ['OUTREACH_S2S_GUID', 'OUTREACH_S2S_PRIVATE_KEY', 'OUTREACH_S2S_INSTALL_ID']
const oauthKeys = ['OUTREACH_CLIENT_ID', 'OUTREACH_CLIENT_SECRET']
const saslKeys = ['KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD']

function halves(settings: Settings): readonly Mistake[] {
  const { outreachS2sGuid, outreachS2sPrivateKey, outreachS2sInstallId } = settings
  const { outreachClientId, outreachClientSecret, outreachRefreshToken } = settings
  const { kafkaSaslMechanism, kafkaSaslUsername, kafkaSaslPassword } = settings
  const oauth = [outreachClientId, outreachClientSecret]
  return [
    ...half(s2sKeys, [outreachS2sGuid, outreachS2sPrivateKey, outreachS2sInstallId]),
    ...half(oauthKeys, oauth, outreachRefreshToken === undefined ? [] : ['OUTREACH_REFRESH_TOKEN']),
    ...half(saslKeys, [kafkaSaslMechanism, kafkaSaslUsername, kafkaSaslPassword]),
    ...half(
      ['KAFKA_CLIENT_CERT', 'KAFKA_CLIENT_CERT_KEY'],
      [settings.kafkaClientCert, settings.kafkaClientCertKey],
    ),
  ]
}

/** Nothing where all or none of `values` are there; `alsoThere` needs them as well. */
function half(
  keys: readonly string[],
  values: readonly unknown[],
  alsoThere: readonly string[] = [],
): readonly Mistake[] {
  const present = [...keys.filter((_, at) => values[at] !== undefined), ...alsoThere]
  const absent = keys.filter((_, at) => values[at] === undefined)
  if (present.length === 0) return []
  return absent.map((key) => missing(key, `${present.join(' and ')} cannot be used without it`))
}

function missing(key: string, why: string): Mistake {
  return { keys: [key], sentence: `${key} is missing: ${why}; type ${key}=...` }
}

function indispensable(settings: Settings): readonly Mistake[] {
  const isHalf = halves(settings).length > 0
  const mistakes: Mistake[] = []
  if (settings.outreachAccess === undefined && !isHalf) {
    mistakes.push({
      keys: [...oauthKeys, ...s2sKeys, 'OUTREACH_ACCESS_TOKEN'],
      sentence:
        'OUTREACH_CLIENT_ID, OUTREACH_CLIENT_SECRET and OUTREACH_REFRESH_TOKEN are missing: there is no way into Outreach; ' +
        'type all three, or OUTREACH_S2S_GUID, OUTREACH_S2S_PRIVATE_KEY and OUTREACH_S2S_INSTALL_ID, or OUTREACH_ACCESS_TOKEN',
    })
  }
  if (settings.workbooksApiKey === undefined) {
    mistakes.push(missing('WORKBOOKS_API_KEY', 'there is no way into Workbooks'))
  }
  return mistakes
}

function neededInProduction(settings: Settings): readonly Mistake[] {
  const mistakes: Mistake[] = []
  if (settings.outreachWebhookSecrets.length === 0) {
    mistakes.push(
      missing('OUTREACH_WEBHOOK_SECRETS', "no delivery of Outreach's could be verified"),
    )
  }
  if (!hasWorkbooksSecret(settings)) {
    mistakes.push({
      keys: ['WORKBOOKS_HOOK_JWT_SECRETS', 'WORKBOOKS_WEBHOOK_SECRETS'],
      sentence:
        "WORKBOOKS_HOOK_JWT_SECRETS is missing: no delivery of Workbooks' could be verified; type it, or WORKBOOKS_WEBHOOK_SECRETS, or both",
    })
  }
  if (settings.opsJwtSecret === undefined && settings.opsJwtPublicKey === undefined) {
    mistakes.push({
      keys: ['OPS_JWT_SECRET', 'OPS_JWT_PUBLIC_KEY'],
      sentence:
        "OPS_JWT_SECRET is missing: no operator's token could be verified; type it, or OPS_JWT_PUBLIC_KEY",
    })
  }
  return mistakes
}

function hasWorkbooksSecret(settings: Settings): boolean {
  return [...settings.workbooksHookJwtSecrets, ...settings.workbooksWebhookSecrets].length > 0
}

function placesOf(settings: Settings, { hasFile, namedSyncConfig }: Context): readonly Mistake[] {
  const mistakes: Mistake[] = []
  if (settings.port === settings.opsPort && settings.port !== 0) {
    mistakes.push({
      keys: ['PORT', 'OPS_PORT'],
      sentence: `OPS_PORT must be another port than PORT, not ${JSON.stringify(String(settings.opsPort))}: type OPS_PORT=0 to serve both on PORT`,
    })
  }
  if (namedSyncConfig !== undefined && !hasFile(namedSyncConfig)) {
    mistakes.push({
      keys: ['SYNC_CONFIG'],
      sentence: `SYNC_CONFIG must name a file that is there, not ${JSON.stringify(namedSyncConfig)}: type the path of the file, or leave it empty for the built-in defaults`,
    })
  }
  const isEmbedded = settings.kafkaBrokers.length === 0 || settings.databaseUrl === undefined
  if (!settings.diskLasts && isEmbedded && !settings.allowEphemeralData) {
    mistakes.push({
      keys: ['ALLOW_EPHEMERAL_DATA', 'KAFKA_URL', 'KAFKA_BROKERS', 'DATABASE_URL'],
      sentence:
        'ALLOW_EPHEMERAL_DATA is missing: DYNO is set, so the disk under DATA_DIR does not last, and the embedded stores would lose events; ' +
        'type KAFKA_URL and DATABASE_URL, or ALLOW_EPHEMERAL_DATA=1 where that loss does not matter',
    })
  }
  return mistakes
}

// RFC 7518 section 3.2: a key of HS256 has at least 256 bits.
const shortestSecret = 32

function warningsOf(settings: Settings): readonly string[] {
  const isReal = settings.mode === 'real'
  const { outreachClientId, outreachRefreshToken, outreachAccess, opsJwtSecret } = settings
  const told: readonly (readonly [boolean, string])[] = [
    [
      isReal &&
        outreachAccess !== 'oauth' &&
        outreachAccess !== undefined &&
        outreachClientId !== undefined,
      `There is more than one way into Outreach: ${outreachAccess === 'token' ? 'OUTREACH_ACCESS_TOKEN' : 'OUTREACH_S2S_*'} is used, OUTREACH_CLIENT_ID is not.`,
    ],
    [
      outreachAccess === 'oauth' && outreachRefreshToken === undefined,
      'OUTREACH_REFRESH_TOKEN is not set: the stored one is used. Where none is stored yet, no call to Outreach can be made.',
    ],
    [
      isReal && settings.outreachWebhookSecrets.length === 0,
      'OUTREACH_WEBHOOK_SECRETS is not set: every delivery of Outreach is refused with 401.',
    ],
    [
      isReal && !hasWorkbooksSecret(settings),
      'WORKBOOKS_HOOK_JWT_SECRETS and WORKBOOKS_WEBHOOK_SECRETS are not set: every delivery of Workbooks is refused with 401.',
    ],
    [
      opsJwtSecret !== undefined && Buffer.byteLength(opsJwtSecret) < shortestSecret,
      `OPS_JWT_SECRET is shorter than ${shortestSecret} bytes: it can be guessed from one token. Make one with: openssl rand -hex 32`,
    ],
  ]
  return told.filter(([holds]) => holds).map(([, sentence]) => sentence)
}

import { existsSync } from 'node:fs'
import { findMissing } from './find-missing-settings.ts'
import { findMisspelt } from './find-misspelt-settings.ts'
import type { Setting } from './setting.ts'
import { everySetting, type OutreachAccess, type Settings, type SettingValues } from './settings.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export type ReadSettings =
  | { readonly kind: 'ok'; readonly settings: Settings; readonly warnings: readonly string[] }
  | {
      readonly kind: 'mistakes'
      readonly mistakes: readonly string[]
      readonly warnings: readonly string[]
      /** With the default where a value is wrong: to look for more mistakes, not to run on. */
      readonly settings: Settings
    }

type Machine = {
  readonly isTerminal?: boolean
  readonly hasFile?: (path: string) => boolean
  /** `command-line`: an operator's own machine needs no credentials of the two systems. */
  readonly use?: 'product' | 'command-line'
}

/** Reads every setting, or names every mistake at once; the environment is only read, never changed. */
export function readSettings(env: Environment, machine: Machine = {}): ReadSettings {
  const { isTerminal = false, hasFile = existsSync, use = 'product' } = machine
  const { values, mistakes } = readTable(env)
  const settings = complete(values, { env, isTerminal, hasFile })
  const found = findMissing(settings, { use, hasFile, namedSyncConfig: values.syncConfig })
  const warnings = [...findMisspelt(Object.keys(env)), ...found.warnings]

  // What depends on a setting that is itself wrong would be noise, or a second report of it.
  const wrongKeys = new Set(mistakes.map((mistake) => mistake.key))
  const missing = found.mistakes.filter(({ keys }) => !keys.some((key) => wrongKeys.has(key)))
  const sentences = [...mistakes, ...missing].map(({ sentence }) => sentence)
  if (sentences.length > 0) return { kind: 'mistakes', mistakes: sentences, warnings, settings }
  return { kind: 'ok', settings, warnings }
}

function readTable(env: Environment) {
  const mistakes: { readonly key: string; readonly sentence: string }[] = []
  const values: Record<string, unknown> = {}
  for (const [name, setting] of everySetting()) {
    const given = env[setting.key]?.trim() ?? ''
    const parsed =
      given === '' ? { kind: 'value' as const, value: setting.fallback } : setting.parse(given)
    values[name] = parsed.kind === 'value' ? parsed.value : setting.fallback
    if (parsed.kind === 'wrong') {
      mistakes.push({ key: setting.key, sentence: mistakeOf(setting, given, parsed.must) })
    }
  }
  // Every name of the table got its own parser's value in the loop above.
  return { values: values as SettingValues, mistakes }
}

function mistakeOf(setting: Setting<unknown>, given: string, must: string): string {
  const value = setting.secret ? 'what it is (a secret, not shown)' : JSON.stringify(cut(given))
  return `${setting.key} must ${must}, not ${value}: type for example ${setting.key}=${setting.example}`
}

function cut(given: string): string {
  return given.length > 120 ? `${given.slice(0, 120)}...` : given
}

type Beside = {
  readonly env: Environment
  readonly isTerminal: boolean
  readonly hasFile: (path: string) => boolean
}

const usualSyncConfig = './sync.config.json'

function complete(values: SettingValues, { env, isTerminal, hasFile }: Beside): Settings {
  const isProduction = env['NODE_ENV'] === 'production'
  const servedOn = values.opsPort === 0 ? values.port : values.opsPort
  return {
    ...values,
    ...brokersOf(values),
    mode: isProduction || hasCredential(values) ? 'real' : 'sandbox',
    isProduction,
    outreachAccess: accessOf(values),
    logLevel: values.logLevel ?? 'info',
    logFormat: values.logFormat ?? (isTerminal ? 'text' : 'json'),
    opsUrl: values.opsUrl ?? `http://127.0.0.1:${servedOn}`,
    diskLasts: (env['DYNO'] ?? '') === '',
    syncConfig: values.syncConfig ?? (hasFile(usualSyncConfig) ? usualSyncConfig : undefined),
  }
}

/** Brokers that somebody named win over those that Heroku hands to every process. */
function brokersOf({ kafkaBrokers, kafkaSsl, kafkaUrl }: SettingValues) {
  if (kafkaBrokers.length > 0 || kafkaUrl === undefined) return { kafkaBrokers, kafkaSsl }
  return { kafkaBrokers: kafkaUrl.brokers, kafkaSsl: kafkaSsl || kafkaUrl.ssl }
}

function hasCredential(values: SettingValues): boolean {
  const credentials = [
    values.outreachClientId,
    values.outreachClientSecret,
    values.outreachRefreshToken,
    values.outreachAccessToken,
    values.outreachS2sGuid,
    values.outreachS2sPrivateKey,
    values.outreachS2sInstallId,
    values.workbooksApiKey,
  ]
  return credentials.some((credential) => credential !== undefined)
}

/** A fixed token and server-to-server stand *instead of* OAuth, so they come first. */
function accessOf(values: SettingValues): OutreachAccess | undefined {
  if (values.outreachAccessToken !== undefined) return 'token'
  const s2s = [values.outreachS2sGuid, values.outreachS2sPrivateKey, values.outreachS2sInstallId]
  if (s2s.every((part) => part !== undefined)) return 's2s'
  const oauth = [values.outreachClientId, values.outreachClientSecret]
  return oauth.every((part) => part !== undefined) ? 'oauth' : undefined
}

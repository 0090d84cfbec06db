import type { Settings } from '../runtime/settings.ts'

export const roles = ['gateway', 'consumers', 'reconciliation'] as const

export type Role = (typeof roles)[number]

export type RolesRead =
  | { readonly kind: 'roles'; readonly roles: readonly Role[] }
  /** Sentences, each with what to type instead. */
  | { readonly kind: 'mistakes'; readonly mistakes: readonly string[] }

type Given = Pick<Settings, 'kafkaBrokers' | 'databaseUrl' | 'mode'>

/** What the words after `node start.ts` ask for: roles of this process, all where none is named (product 1). */
export function readRoles(words: readonly string[], settings: Given): RolesRead {
  const named = roles.filter((role) => words.includes(role))
  const unknown = words.filter((word) => !roles.some((role) => role === word))
  const isAlone = named.length > 0 && named.length < roles.length
  const why = isAlone ? whyNotAlone(settings, named) : whyNotSimulated(settings)
  const mistakes = [
    ...unknown.map(
      (word) =>
        `There is no role "${word}": type one of ${roles.join(', ')}, ops, or nothing for all roles in one process.`,
    ),
    ...(why === undefined ? [] : [why]),
  ]
  if (mistakes.length > 0) return { kind: 'mistakes', mistakes }
  return { kind: 'roles', roles: named.length === 0 ? roles : named }
}

/** Simulated events must not reach consumers of real ones; the state that is shared tells them apart. */
function whyNotSimulated({ kafkaBrokers, databaseUrl, mode }: Given): string | undefined {
  if (mode === 'real' || kafkaBrokers.length === 0 || databaseUrl !== undefined) return undefined
  return 'KAFKA_BROKERS (or KAFKA_URL) is set, and neither credentials nor DATABASE_URL: the sandbox could not tell this Kafka from that of a real connection. Set the credentials of Outreach and Workbooks, or unset it.'
}

/** Several processes need a log and a state that they share, and systems that none of them simulates. */
function whyNotAlone(
  { kafkaBrokers, databaseUrl, mode }: Given,
  named: readonly Role[],
): string | undefined {
  const missing = [
    ...(kafkaBrokers.length === 0 ? ['KAFKA_BROKERS (or KAFKA_URL)'] : []),
    ...(databaseUrl === undefined ? ['DATABASE_URL'] : []),
  ]
  const asked = named.join(' ')
  if (missing.length > 0) {
    return `The embedded log and state serve one process only, so "${asked}" cannot run by itself: set ${missing.join(' and ')}, or name no role, and all of them run in one process.`
  }
  if (mode === 'real') return undefined
  return `The sandbox simulates both systems in one process, so "${asked}" cannot run by itself: set the credentials of Outreach and Workbooks, or name no role.`
}

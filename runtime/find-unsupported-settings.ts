import type { Settings } from './settings.ts'

type Asked = {
  /** The words after `node start.ts`. */
  readonly asked: readonly string[]
  readonly roles: readonly string[]
}

/** What the table of settings knows and this version does not have yet: said, never ignored. */
export function findUnsupported(
  { kafkaBrokers, databaseUrl }: Pick<Settings, 'kafkaBrokers' | 'databaseUrl'>,
  { asked, roles }: Asked,
): readonly string[] {
  const unknown = asked.filter((word) => !roles.includes(word))
  const named = roles.filter((role) => asked.includes(role))
  const beyond = [
    ...(kafkaBrokers.length > 0 ? ['KAFKA_BROKERS (or KAFKA_URL)'] : []),
    ...(databaseUrl === undefined ? [] : ['DATABASE_URL']),
  ]
  return [
    ...unknown.map(
      (word) =>
        `There is no role "${word}": type one of ${roles.join(', ')}, ops, or nothing for all roles in one process.`,
    ),
    ...beyond.map(
      (name) => `${name} is set, and this version has the embedded log and state only: unset it.`,
    ),
    ...(named.length > 0 && named.length < roles.length
      ? [
          `The embedded log and state serve one process only, so "${named.join(' ')}" cannot run by itself: name no role, and all of them run in one process.`,
        ]
      : []),
  ]
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { findKafkaJars } from '../event-log/kafka/kafka-jars.fixture.ts'
import { isPostgresHere } from '../state/postgres.fixture.ts'

const root = join(import.meta.dirname, '..')

/**
 * Runs the tests that need a real Apache Kafka and a real PostgreSQL (project `real`). Where this machine
 * cannot start them it says why and what was not tested, last and loudly; that is no failure.
 */
async function main(args: readonly string[]): Promise<number> {
  const jars = await findKafkaJars()
  const postgres = isPostgresHere()
  const missing = [
    ...(jars.kind === 'missing' ? [jars.why] : []),
    ...(postgres.ok ? [] : [postgres.why]),
  ]
  if (missing.length > 0) {
    process.stdout.write(renderNotTested(missing))
    return 0
  }
  if (args.length > 0) return runVitest(args)
  let worst = 0
  for (let share = 1; share <= shares; share += 1) {
    worst = Math.max(worst, await runVitest([`--shard=${share}/${shares}`]))
  }
  return worst
}

/** Each has a broker of its own: one that keeps the topics of five hundred houses grows slow. */
const shares = 5

async function runVitest(args: readonly string[]): Promise<number> {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const run = spawn(process.execPath, [vitest, 'run', '--project', 'real', ...args], {
    cwd: root,
    stdio: 'inherit',
  })
  const [code] = (await once(run, 'close')) as [number | null]
  return code ?? 1
}

function renderNotTested(missing: readonly string[]): string {
  const files = globSync('{event-log,state,integration-tests}/**/*.real.test.ts', { cwd: root })
  const bar = '!'.repeat(100)
  return [
    '',
    bar,
    'NOT TESTED: Apache Kafka and PostgreSQL. This machine cannot start them:',
    ...missing.map((why) => `- ${why}`),
    'Not run: every whole-house test on Kafka and PostgreSQL, and',
    ...files.sort().map((file) => `- ${file}`),
    'The embedded log and state were tested.',
    bar,
    '',
  ].join('\n')
}

process.exitCode = await main(process.argv.slice(2))

import { parseArgs } from 'node:util'
import { exitCodes, type ExitCode } from '../runtime/lifecycle.ts'
import type { Asking } from './ask-product.ts'
import { readOpsSecret } from './ops-secret.ts'
import { signToken } from './sign-token.ts'
import { scopes, type Scope } from './verb.ts'

type Deps = Pick<Asking, 'settings' | 'now' | 'user'> & {
  readonly stdout: { readonly write: (text: string) => unknown }
  readonly stderr: { readonly write: (text: string) => unknown }
}

type Wanted = {
  readonly scopes: readonly Scope[]
  readonly holder: string | undefined
  readonly hours: number
}

const usage =
  'Usage: node start.ts ops token --scope <scope>... [--sub <name>] [--hours <n>] [--json]\n' +
  `Scopes: ${scopes.join(', ')}\n`
const usualHours = 8
// A year: whoever needs more gets a new one.
const mostHours = 8_784

/** Prints a token signed on this machine; asks nobody. */
export async function runToken(args: readonly string[], deps: Deps): Promise<ExitCode> {
  const wanted = readWanted(args)
  if (typeof wanted === 'string') {
    deps.stderr.write(`${wanted}\n${usage}`)
    return exitCodes.usage
  }
  const { settings, now, user } = deps
  const secret = settings.opsJwtSecret ?? (await readOpsSecret(settings.dataDir))
  if (secret === undefined) {
    deps.stderr.write(
      `There is nothing to sign with: set OPS_JWT_SECRET, or start the product once with DATA_DIR=${settings.dataDir}\n`,
    )
    return exitCodes.failed
  }
  const forSeconds = wanted.hours * 3_600
  const sub = wanted.holder ?? user
  const token = signToken(secret, { sub, scopes: wanted.scopes, forSeconds, now: now() })
  deps.stdout.write(args.includes('--json') ? `${JSON.stringify({ token })}\n` : `${token}\n`)
  return exitCodes.fine
}

function readWanted(args: readonly string[]): Wanted | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        scope: { type: 'string', multiple: true },
        sub: { type: 'string' },
        hours: { type: 'string' },
        json: { type: 'boolean' },
      },
    })
    // `--scope ops:read ops:write`: what follows the first one are scopes as well.
    const words = [...(values.scope ?? []), ...positionals].flatMap((each) => each.split(/[\s,]+/))
    return toWanted(words, values.sub, Number(values.hours ?? usualHours))
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function toWanted(
  words: readonly string[],
  holder: string | undefined,
  hours: number,
): Wanted | string {
  if (words.length === 0) return '--scope is missing.'
  const unknown = words.find((word) => !scopes.some((scope) => scope === word))
  if (unknown !== undefined) return `There is no scope ${JSON.stringify(unknown)}.`
  if (!Number.isInteger(hours) || hours < 1 || hours > mostHours) {
    return `--hours must be a whole number from 1 to ${mostHours}.`
  }
  return { scopes: scopes.filter((scope) => words.includes(scope)), holder, hours }
}

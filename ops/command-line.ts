import { parseArgs } from 'node:util'
import { exitCodes, type ExitCode } from '../runtime/lifecycle.ts'
import { askProduct, type Asking } from './ask-product.ts'
import { renderHelp } from './render-help.ts'
import { runToken } from './token.ts'
import type { Members, Verb } from './verb.ts'
import { verbs, type VerbDeps } from './verbs.ts'

export type CommandLineDeps = Asking & {
  readonly stdout: { readonly write: (text: string) => unknown }
  readonly stderr: { readonly write: (text: string) => unknown }
  /** Between two questions of `--follow`; ends early when `signal` aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
  /** Ends `--follow`. */
  readonly signal: AbortSignal
}

type Typed = { readonly members: Members; readonly isJson: boolean; readonly isFollowing: boolean }

const followEveryMs = 1_000

/** Runs what was typed after `ops`; 0: done, 1: not done, 2: typed wrongly. */
export async function runOps(argv: readonly string[], deps: CommandLineDeps): Promise<ExitCode> {
  const { name, rest } = readName(argv)
  if (name === 'help' || name === '--help' || name === '-h') {
    deps.stdout.write(renderHelp())
    return exitCodes.fine
  }
  if (name === 'token') return runToken(rest, deps)
  const verb = verbs.find((each) => each.name === name)
  if (verb === undefined) {
    deps.stderr.write(`There is no verb ${JSON.stringify(name)}.\n\n${renderHelp()}`)
    return exitCodes.usage
  }
  const typed = readTyped(verb, rest)
  if (typeof typed === 'string') {
    deps.stderr.write(`${typed}\nUsage: node start.ts ops ${verb.usage} [--json]\n`)
    return exitCodes.usage
  }
  return askAndShow(verb, typed, deps)
}

/** A verb of two words comes before one of the first alone: `backfill stop`. */
function readName([first = 'help', second = '', ...rest]: readonly string[]) {
  const both = `${first} ${second}`
  if (verbs.some((each) => each.name === both)) return { name: both, rest }
  return { name: first, rest: second === '' ? rest : [second, ...rest] }
}

async function askAndShow(
  verb: Verb<VerbDeps>,
  typed: Typed,
  deps: CommandLineDeps,
): Promise<ExitCode> {
  let { members } = typed
  const isOver = () => deps.signal.aborted
  for (;;) {
    const answered = await askProduct(verb, members, deps)
    if (isOver()) return exitCodes.fine
    if (answered.kind === 'not answered') {
      deps.stderr.write(`${answered.sentence}\n`)
      return answered.isTypedWrongly ? exitCodes.usage : exitCodes.failed
    }
    deps.stdout.write(show(verb, typed, answered.answer))
    if (!typed.isFollowing || verb.follow === undefined) return exitCodes.fine
    members = verb.follow(members, answered.answer)
    await deps.wait(followEveryMs, deps.signal)
    if (isOver()) return exitCodes.fine
  }
}

function show(verb: Verb<VerbDeps>, { isJson }: Typed, answer: unknown): string {
  return isJson ? `${JSON.stringify(answer)}\n` : verb.renderText(answer)
}

/** The members of the question, or a sentence that says what was typed wrongly. */
function readTyped(verb: Verb<VerbDeps>, args: readonly string[]): Typed | string {
  const { words, options } = verb.commandLine
  const ownOptions = Object.entries(options).map(
    ([name, form]) => [name, { type: form === 'value' ? 'string' : 'boolean' }] as const,
  )
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...Object.fromEntries(ownOptions),
        json: { type: 'boolean' },
        ...(verb.follow === undefined ? {} : { follow: { type: 'boolean' } }),
      },
    })
    const surplus = positionals[words.length]
    if (surplus !== undefined) return `${JSON.stringify(surplus)} is one word too many.`

    const { json = false, follow = false, ...own } = values
    const named = positionals.map((word, at) => [words[at] ?? '', word] as const)
    const typed = { ...own, ...Object.fromEntries(named) }
    const isFollowing = follow === true
    const members = isFollowing ? (verb.follow?.(typed, undefined) ?? typed) : typed
    return verb.mistakeIn(members) ?? { members, isJson: json, isFollowing }
  } catch (error) {
    // parseArgs throws for an unknown option, with a sentence for people.
    return error instanceof Error ? error.message : String(error)
  }
}

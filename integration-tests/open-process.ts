import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export const rootDir = join(import.meta.dirname, '..')

export type Ended = { readonly code: number | null; readonly signal: NodeJS.Signals | null }

/** A process that was started as an operator starts it. */
export type Process = AsyncDisposable & {
  /** All that it wrote so far, standard output and standard error. */
  readonly said: () => string
  /** Rejects with all that it said where it has not said this within `ms`, or ends before. */
  readonly untilSaid: (what: string | RegExp, ms?: number) => Promise<void>
  readonly ended: Promise<Ended>
  readonly signal: (signal: NodeJS.Signals) => void
}

type Env = Readonly<Record<string, string>>

/** Runs a program of this project; nothing of the test's own environment is set but where programs are found. */
export function openProcess(command: readonly [string, ...string[]], env: Env): Process {
  const [program, ...args] = command
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(program, args, {
    cwd: rootDir,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const chunks: string[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk.toString()))
  const said = () => chunks.join('')
  let isEnded = false
  const ended = once(child, 'close').then(([code, signal]): Ended => {
    isEnded = true
    // `close` tells exactly these two (node:child_process).
    return { code: code as number | null, signal: signal as NodeJS.Signals | null }
  })
  return {
    said,
    async untilSaid(what, ms = 45_000) {
      const until = Date.now() + ms
      const isSaid = () => (typeof what === 'string' ? said().includes(what) : what.test(said()))
      while (!isSaid()) {
        if (isEnded) throw new Error(`it ended before it said ${String(what)}:\n${said()}`)
        if (Date.now() > until) throw new Error(`it never said ${String(what)}:\n${said()}`)
        await sleep(10)
      }
    },
    ended,
    signal: (signal) => void child.kill(signal),
    async [Symbol.asyncDispose]() {
      if (!isEnded) child.kill('SIGKILL')
      await ended
    },
  }
}

/** `node start.ts ...`, with the Node that runs this test. */
export function openStart(args: readonly string[], env: Env): Process {
  return openProcess([process.execPath, 'start.ts', ...args], env)
}

/** Runs it to its end; what it said, and its exit code. */
export async function runStart(
  args: readonly string[],
  env: Env,
): Promise<{ readonly code: number | null; readonly said: string }> {
  await using run = openStart(args, env)
  const { code } = await run.ended
  return { code, said: run.said() }
}

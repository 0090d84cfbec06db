import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Orders } from './product.ts'

type Env = Readonly<Record<string, string>>

type Deps = {
  /** For Node's compile cache: every life loads the same files. */
  readonly dir: string
  readonly env: Env
  readonly passesFile: string
}

type Beginning = Pick<Orders, 'kill' | 'killThread' | 'roles' | 'sweepPaceMs'> & {
  /** Beside what all lives have. */
  readonly env?: Env
  /** Instead of the one of all lives. */
  readonly passesFile?: string
}

export type Ended = { readonly code: number | null; readonly signal: NodeJS.Signals | null }

/** The product in a process of its own, until it ends. */
export type Life = {
  readonly ended: Promise<Ended>
  readonly signal: (signal: NodeJS.Signals) => void
  /** All that it said so far. */
  readonly said: () => string
}

/** Starts one life after the other; the next one has loaded its files before it is needed. */
export function makeLives({ dir, env, passesFile }: Deps) {
  const open = new Set<ChildProcess>()
  const load = () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'product.ts')], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: join(dir, 'compile-cache') },
    })
    open.add(child)
    child.once('exit', () => open.delete(child))
    // Written to while it dies: what it did not read is of no interest.
    child.stdin.on('error', () => undefined)
    return child
  }
  let next = load()

  return {
    start({ env: own, ...orders }: Beginning = {}): Life {
      const child = next
      const said: string[] = []
      child.stdout.on('data', (chunk: Buffer) => said.push(chunk.toString()))
      child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()))
      const ended = once(child, 'close').then(([code, signal]): Ended => {
        // `close` tells exactly these two (node:child_process).
        return { code: code as number | null, signal: signal as NodeJS.Signals | null }
      })
      const whole: Orders = { passesFile, ...orders, env: { ...env, ...own } }
      child.stdin.write(`${JSON.stringify(whole)}\n`)
      next = load()
      return {
        ended,
        signal: (signal) => void child.kill(signal),
        said: () => said.join(''),
      }
    },
    async close(): Promise<void> {
      const ends = [...open].map((child) => once(child, 'exit'))
      for (const child of open) child.kill('SIGKILL')
      await Promise.all(ends)
    },
  }
}

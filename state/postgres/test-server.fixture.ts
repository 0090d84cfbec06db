import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

export type Binaries = {
  readonly folder: string
  /** Who runs the server; nobody in particular: this process's own user. */
  readonly owner: { readonly uid?: number; readonly gid?: number }
}

export type TestServer = {
  readonly port: number
  readonly pid: () => number
  readonly kill: () => Promise<void>
  readonly restart: () => Promise<void>
  readonly close: () => Promise<void>
}

const START_TRIES = 20
const START_MS = 20_000
const READY = 'database system is ready to accept connections'

// The kernel's page cache survives kill -9, so a test needs no fsync; commits reach it all the same.
const settings = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=300',
  'shared_buffers=32MB',
  'fsync=off',
  'full_page_writes=off',
  'autovacuum=off',
  'log_min_messages=log',
].flatMap((setting) => ['-c', setting])

/** Makes a cluster in a temporary folder and starts a server on it. */
export async function openServer({ folder, owner }: Binaries): Promise<TestServer> {
  const dir = mkdtempSync(join(tmpdir(), 'postgres-'))
  if (owner.uid !== undefined && owner.gid !== undefined) chownSync(dir, owner.uid, owner.gid)
  const data = join(dir, 'data')
  const options = { ...owner, cwd: dir, env: { LC_ALL: 'C', TZ: 'UTC' } }
  const keeper = startKeeper(dir)
  let server: ChildProcess | undefined

  const start = async (port: number): Promise<ChildProcess> => {
    const args = ['-D', data, '-p', String(port), ...settings]
    const started = spawn(join(folder, 'postgres'), args, {
      ...options,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    const late = setTimeout(() => started.kill('SIGKILL'), START_MS)
    await new Promise<void>((resolve, reject) => {
      started.once('error', reject)
      started.once('exit', () => reject(new Error(said)))
      started.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        if (said.includes(READY)) resolve()
      })
    }).finally(() => clearTimeout(late))
    return started
  }

  /** Another process may take a port first, and processes of a killed server may still be ending. */
  const startSoon = async (choosePort: () => Promise<number> | number) => {
    for (let round = 1; ; round++) {
      const port = await choosePort()
      try {
        server = await start(port)
        return port
      } catch (error) {
        if (round === START_TRIES) throw error
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
  }

  const end = async (signal: NodeJS.Signals) => {
    const ending = server
    server = undefined
    if (ending === undefined) return
    const exited = once(ending, 'exit')
    ending.kill(signal)
    await exited
  }

  const remove = () => {
    rmSync(dir, { recursive: true, force: true })
    keeper.stdin?.end()
  }

  try {
    // A collation as production has it: "a" < "B" < "c", which is not the order of the bytes.
    await promisify(execFile)(
      join(folder, 'initdb'),
      [
        ...['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync', '--encoding=UTF8'],
        ...['--locale=C', '--locale-provider=icu', '--icu-locale=en-US', '--no-instructions'],
      ],
      options,
    )
    const port = await startSoon(findFreePort)
    return {
      port,
      pid: () => {
        if (server?.pid === undefined) throw new Error('The PostgreSQL of this test does not run.')
        return server.pid
      },
      kill: async () => {
        await end('SIGKILL')
        rmSync(join(data, 'postmaster.pid'), { force: true })
      },
      restart: async () => {
        await end('SIGINT')
        await startSoon(() => port)
      },
      close: async () => {
        await end('SIGINT')
        remove()
      },
    }
  } catch (error) {
    await end('SIGKILL')
    remove()
    throw error
  }
}

/** Sees its input end when this process does, however that ends; then it ends the server and its folder. */
function startKeeper(dir: string): ChildProcess {
  const script = `cat >/dev/null
    pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid" 2>/dev/null && sleep 1
    rm -rf "$1"`
  const keeper = spawn('sh', ['-c', script, 'keeper', dir], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  keeper.unref()
  return keeper
}

/** Below the range that outgoing connections take theirs from. */
async function findFreePort(): Promise<number> {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 20_000)
    const probe = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false))
      probe.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    await new Promise((resolve) => probe.close(resolve))
    return port
  }
}

import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findKafkaJars } from './kafka-jars.fixture.ts'

export type KafkaOptions = {
  /** What clients are told to connect to, where something stands in front of the broker. */
  readonly advertisedPort?: number
  /** Besides, or instead of, those below. */
  readonly properties?: Readonly<Record<string, string>>
}

/** A real Apache Kafka broker in a process of its own, with a temporary folder. */
export type KafkaBroker = AsyncDisposable & {
  /** `host:port` of the broker itself. */
  readonly address: string
  readonly port: number
  readonly pid: () => number | undefined
  /** SIGTERM: a controlled shutdown; resolves when the process has ended. */
  readonly stop: () => Promise<void>
  /** SIGKILL; resolves when the process has ended. */
  readonly kill: () => Promise<void>
  /** Starts it again on the same data and the same port; resolves when it serves. */
  readonly start: () => Promise<void>
  /** SIGSTOP and SIGCONT: it hangs, with its connections open. */
  readonly freeze: () => void
  readonly thaw: () => void
  /** The broker's own log so far. */
  readonly said: () => string
}

/** On a machine that starts five of them at once. */
const startWithinMs = 50_000

/** Rejects with a sentence where this machine lacks what Kafka needs. */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaBroker> {
  const jars = await findKafkaJars()
  if (jars.kind === 'missing') throw new Error(jars.why)
  const dir = await mkdtemp(join(tmpdir(), 'kafka-'))
  const port = await findFreePort()
  const ports = { port, controllerPort: await findFreePort() }
  const file = join(dir, 'server.properties')
  await writeFile(file, toProperties(dir, ports, options))
  await writeFile(join(dir, 'log4j2.properties'), log4j)
  const java = [`-Dlog4j2.configurationFile=${join(dir, 'log4j2.properties')}`]
  const classPath = ['-cp', join(jars.dir, '*')]
  // One that began with "-" would be taken for an option.
  const clusterId = `A${randomBytes(16).toString('base64url').slice(1)}`
  const format = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', file]
  const chunks: string[] = []
  const launch = (args: readonly string[]) => {
    const process = spawn('java', [...java, ...args], {
      cwd: dir,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    process.stdout.on('data', (chunk: Buffer) => chunks.push(chunk.toString()))
    process.stderr.on('data', (chunk: Buffer) => chunks.push(chunk.toString()))
    return process
  }
  const [code] = (await once(launch([...classPath, ...format]), 'close')) as [number | null]
  if (code !== 0) {
    await rm(dir, { recursive: true, force: true })
    throw new Error(`Kafka's storage could not be formatted:\n${chunks.join('')}`)
  }

  let broker: ChildProcess | undefined
  const end = async (signal: NodeJS.Signals) => {
    const ending = broker
    broker = undefined
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return
    const ended = once(ending, 'close')
    ending.kill(signal)
    await ended
  }
  const start = async () => {
    chunks.length = 0
    const heap = ['-Xms128m', '-Xmx768m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
    const child = launch([...heap, '-Djava.awt.headless=true', ...classPath, 'kafka.Kafka', file])
    broker = child
    endWithUs(child, dir)
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`${why}:\n${chunks.join('')}`))
      const timer = setTimeout(() => fail('Kafka did not start in time'), startWithinMs)
      child.once('close', () => fail('Kafka ended while it started'))
      child.stdout.on('data', () => {
        if (!chunks.join('').includes('Kafka Server started')) return
        clearTimeout(timer)
        resolve()
      })
    })
  }
  const dispose = async () => {
    await end('SIGKILL')
    await rm(dir, { recursive: true, force: true })
  }
  try {
    await start()
  } catch (error) {
    await dispose()
    throw error
  }
  return {
    address: `127.0.0.1:${port}`,
    port,
    pid: () => broker?.pid,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    start,
    freeze: () => void broker?.kill('SIGSTOP'),
    thaw: () => void broker?.kill('SIGCONT'),
    said: () => chunks.join(''),
    [Symbol.asyncDispose]: dispose,
  }
}

/** Ends the broker and its folder also where this process is killed and can end nothing itself. */
function endWithUs(broker: ChildProcess, dir: string): void {
  const wait = 'read -r _; kill -9 "$0"; rm -rf "$1"'
  const keeper = spawn('sh', ['-c', wait, String(broker.pid), dir], {
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  broker.once('close', () => keeper.kill('SIGKILL'))
  keeper.unref()
}

type Ports = { readonly port: number; readonly controllerPort: number }

function toProperties(dir: string, { port, controllerPort }: Ports, options: KafkaOptions): string {
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${options.advertisedPort ?? port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': join(dir, 'data'),
    'auto.create.topics.enable': 'false',
    // One node only: every internal topic with one replica.
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '4',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    // Members that start together join together; killed brokers come back soon.
    'group.initial.rebalance.delay.ms': '100',
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    'num.network.threads': '2',
    'num.io.threads': '4',
    'log.cleaner.enable': 'false',
    // Index files are allocated whole; a test run makes thousands of them.
    'log.index.size.max.bytes': '65536',
    ...options.properties,
  }
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

const log4j = `appender.c.type=Console
appender.c.name=C
appender.c.layout.type=PatternLayout
appender.c.layout.pattern=%d %p %m (%c)%n
rootLogger.level=warn
rootLogger.appenderRef.c.ref=C
logger.k.name=kafka.server
logger.k.level=info
`

/** Below the ports that the system gives to outgoing connections. */
async function findFreePort(): Promise<number> {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 20_000)
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    await new Promise((resolve) => server.close(resolve))
    return port
  }
}

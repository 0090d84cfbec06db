import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readTopic } from '../../event-log/kafka/read-topic.fixture.ts'
import type { GatewayEvent } from '../../schemas/event.ts'
import { migrations } from '../../state/schema.ts'
import { openPostgresState } from '../../state/postgres-state.ts'
import type { StateStore } from '../../state/state-store.ts'
import type { Role } from '../../start/roles.ts'
import { openBalance } from '../balance.ts'
import { checkedTopics, type Events } from '../kill-nine/checks.ts'
import { openRecordingDoor, type Posted } from '../kill-nine/recording-door.ts'
import { openSystems, toEnv, type Systems } from '../kill-nine/systems.ts'
import { untilSettled } from '../kill-nine/until-settled.ts'
import { openStart, type Process } from '../open-process.ts'
import { hookHeaders } from '../open-street.ts'
import { makeStoreSettings } from '../shared-stores.ts'
import { findFreePort } from '../start-house.ts'

type Env = Readonly<Record<string, string>>

/** Where a process listens: its own settings beside those that all share. */
export type Lot = {
  readonly port: number
  readonly opsPort: number
  readonly gatewayUrl: string
  readonly opsUrl: string
  readonly env: Env
}

type TownOptions = {
  readonly seed?: number
  /** `KAFKA_...` and `DATABASE_URL`; absent: the stores that all tests of a run share. */
  readonly stores?: Env
  /** Each delivery goes to both gateways in the same moment. */
  readonly isDoubled?: boolean
}

/**
 * What many processes of the product need around them: two simulated systems, whose deliveries come
 * through one door to two gateways in turn, and stores that the processes share.
 */
export type Town = Systems & {
  readonly dir: string
  /** What all processes share. */
  readonly env: Env
  readonly door: Awaited<ReturnType<typeof openRecordingDoor>>
  /** The two that the door leads to. */
  readonly gateways: readonly [Lot, Lot]
  readonly findLot: () => Promise<Lot>
  /** `node start.ts <role>`; resolves once it says that it has started. */
  readonly start: (role: Role, lot?: Lot) => Promise<Process>
  /** Asked of the process at this lot: nothing is on its way, unhandled or parked, and nobody is still to follow. */
  readonly untilSettled: (lot: Lot, withinMs?: number) => Promise<void>
  readonly readEvents: () => Promise<Events>
  readonly openState: () => Promise<StateStore>
}

/** Everything in it ends with the stack. */
export async function openTown(
  stack: AsyncDisposableStack,
  { seed = 1, stores, isDoubled = false }: TownOptions = {},
): Promise<Town> {
  const own = stores ?? (await makeStoreSettings())
  if (own === undefined) throw new Error('Many processes need shared stores: project "real".')
  const dir = await mkdtemp(join(tmpdir(), 'town-'))
  stack.defer(() => rm(dir, { recursive: true, force: true }))
  const gateways = [await findLot(), await findLot()] as const
  const door = isDoubled
    ? await openRecordingDoor(gateways[0].port, [{ port: gateways[1].port, toHeaders: signAgain }])
    : await openRecordingDoor(await openBalanceBefore(gateways, stack))
  stack.defer(() => door.close())
  const systems = await openSystems(stack, { url: door.url, seed })
  const env = {
    ...toEnv({ port: 0, opsPort: 0, dir, ...systems }),
    ...own,
    NODE_COMPILE_CACHE: join(dir, 'compile-cache'),
  }
  const { KAFKA_BROKERS: brokers = '', KAFKA_PREFIX: prefix = '', DATABASE_URL: url = '' } = own
  const heard: (() => string)[] = []

  return {
    ...systems,
    dir,
    env,
    door,
    gateways,
    findLot,
    async start(role, lot) {
      const { env: place } = lot ?? (await findLot())
      const process = stack.use(openStart([role], { ...env, ...place }))
      heard.push(process.said)
      await process.untilSaid(`"role":"${role}"`)
      return process
    },
    async untilSettled({ opsPort }, withinMs = 120_000) {
      const settling = {
        said: () => heard.map((said) => said().slice(-2_000)).join('\n\n'),
        opsPort,
        withinMs,
        whenQuiet: async () => {
          await Promise.all([systems.outreach.whenQuiet(), systems.workbooks.whenQuiet()])
        },
      }
      try {
        await untilSettled(settling)
      } catch (cause) {
        await using store = await openPostgresState({ url, migrations })
        const sql = 'SELECT record, reason, cause, attempts, due FROM parked'
        throw new Error(`parked: ${JSON.stringify(await store.read({ sql }))}`, { cause })
      }
    },
    async readEvents() {
      const found = new Map<string, readonly GatewayEvent[]>()
      for (const topic of checkedTopics) {
        const entries = await readTopic(brokers, prefix + topic)
        // The log holds what the gateway and the sync validated.
        found.set(
          topic,
          entries.map(({ text }) => JSON.parse(text) as GatewayEvent),
        )
      }
      return found
    },
    openState: () => openPostgresState({ url, migrations }),
  }
}

async function openBalanceBefore(
  gateways: readonly Lot[],
  stack: AsyncDisposableStack,
): Promise<number> {
  const port = await findFreePort()
  const balance = await openBalance(
    port,
    gateways.map((lot) => lot.port),
  )
  stack.defer(() => balance.close())
  return port
}

/** A token of the change hook is good for one delivery only. */
function signAgain({ path, headers, body }: Posted): Posted['headers'] {
  return path === '/webhooks/workbooks' ? { ...headers, ...hookHeaders(body) } : headers
}

async function findLot(): Promise<Lot> {
  const [port, opsPort] = [await findFreePort(), await findFreePort()]
  return {
    port,
    opsPort,
    gatewayUrl: `http://127.0.0.1:${port}`,
    opsUrl: `http://127.0.0.1:${opsPort}`,
    env: { PORT: String(port), OPS_PORT: String(opsPort) },
  }
}

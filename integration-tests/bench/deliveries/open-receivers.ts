import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startChild, type Child } from '../child.ts'
import type { ReceiverAnswer, ReceiverAsk, ReceiverKind } from './receiver.ts'

export type Variant = {
  readonly name: string
  readonly kind: ReceiverKind
  readonly path: string
  /** Keeps what it acknowledges. */
  readonly isDurable: boolean
}

export type Receiver = {
  readonly variant: Variant
  readonly port: number
  readonly ask: Child<ReceiverAsk, ReceiverAnswer>['ask']
}

const path = '/webhooks/outreach'

/** What everything else is compared with. */
export const bareHttp = {
  name: 'bare node:http, keeps nothing',
  kind: 'http',
  path,
  isDurable: false,
} as const satisfies Variant

export const variants: readonly Variant[] = [
  { name: "load generator's ceiling", kind: 'empty', path, isDurable: false },
  bareHttp,
  { name: 'bare Express, keeps nothing', kind: 'express', path, isDurable: false },
  { name: 'the product', kind: 'product', path, isDurable: true },
  // With a query the address is not the hot route's own, and Express finds the same handler.
  { name: 'the product, through Express', kind: 'product', path: `${path}?`, isDurable: true },
]

export type ReceiverOptions = {
  /** Each receiver's CPU profile goes here. */
  readonly profileDir?: string
  /** Where the stores are that receivers share. */
  readonly settings?: Readonly<Record<string, string>>
}

/** Starts each receiver in a process of its own, with a directory where it may keep what it takes. */
export async function openReceivers(
  asked: readonly Variant[],
  { profileDir, settings = {} }: ReceiverOptions,
): Promise<AsyncDisposable & { readonly receivers: readonly Receiver[] }> {
  const data = join(import.meta.dirname, '../../../data')
  await mkdir(data, { recursive: true })
  const opened = new AsyncDisposableStack()
  const receivers: Receiver[] = []
  for (const variant of asked) {
    // In the repository, for /tmp may be memory: what is durable must be paid for here as well.
    const dir = await mkdtemp(join(data, 'bench-'))
    opened.defer(() => rm(dir, { recursive: true, force: true }))
    const child: Child<ReceiverAsk, ReceiverAnswer> = opened.use(
      await startChild({
        file: new URL('./receiver.ts', import.meta.url),
        args: [variant.kind, dir, JSON.stringify(settings)],
        execArgv: profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`],
      }),
    )
    const { port } = await child.ask('port')
    receivers.push({ variant, port, ask: child.ask })
  }
  return { receivers, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}

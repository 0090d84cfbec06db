import { writeFactOnce, type Facts } from '../state/facts.ts'
import type { StateStore } from '../state/state-store.ts'
import type { Connection } from './sync/connection.ts'

type Deps = {
  readonly store: Pick<StateStore, 'write'>
  readonly facts: Pick<Facts, 'read'>
  readonly outreach: { readonly clockOffsetMs: () => number }
  readonly workbooks: { readonly clockOffsetMs: () => number }
  /** Asks Outreach something small, so that it tells its time; resolves also where it does not answer. */
  readonly askOutreach: () => Promise<void>
  readonly now: () => number
}

export type Connections = {
  /** Epoch seconds by Outreach's clock, of the product: of kinds that were never on. */
  readonly ofProduct: number
  /** Once Workbooks has told its time; kept by the first process that asks. */
  readonly settle: (kind: string) => Promise<Connection>
}

/**
 * The first answer of Outreach ever says when the product was first connected, by its own clock; a kind
 * that is switched on later is connected later, and Outreach is asked for its time then.
 */
export async function openConnections(deps: Deps): Promise<Connections> {
  const { store, facts, now } = deps
  let asked: Promise<void> | undefined
  /** Epoch seconds by Outreach's clock; it is asked once. */
  async function theirSeconds(): Promise<number> {
    asked ??= deps.askOutreach()
    await asked
    return Math.floor((now() + deps.outreach.clockOffsetMs()) / 1000)
  }

  const known = await facts.read('connected_at')
  const at = known ?? String(await theirSeconds())
  if (known === undefined) await store.write([writeFactOnce('connected_at', at)])
  const ofProduct = Number((await facts.read('connected_at')) ?? at)

  async function settle(kind: string): Promise<Connection> {
    const names = { outreach: `connected_at:${kind}`, workbooks: `connected_at_workbooks:${kind}` }
    if ((await facts.read(names.outreach)) === undefined) {
      const theirs = await theirSeconds()
      const outreach = known === undefined ? ofProduct : theirs
      const apartMs = deps.workbooks.clockOffsetMs() - deps.outreach.clockOffsetMs()
      await store.write([
        writeFactOnce(names.outreach, String(outreach)),
        writeFactOnce(names.workbooks, String(outreach + Math.floor(apartMs / 1000))),
      ])
    }
    const outreach = Number((await facts.read(names.outreach)) ?? ofProduct)
    return { outreach, workbooks: Number((await facts.read(names.workbooks)) ?? outreach) }
  }

  return { ofProduct, settle }
}

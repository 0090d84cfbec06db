import assert from 'node:assert/strict'
import type { GatewayEvent } from '../schemas/event.ts'
import type { RecordTopic } from '../schemas/topics.ts'
import { startHouse, type House, type HouseOptions } from './start-house.ts'

/** A house that no webhook reaches: Outreach has none, and what Workbooks' hook posts is lost. */
export async function startSilentHouse(options: HouseOptions = {}): Promise<House> {
  const house = await startHouse({
    ...options,
    outreach: { subscriptions: [], ...options.outreach },
  })
  house.workbooks.hooks.setDisorder({ drops: 1 })
  return house
}

/** One interval of the poller now; resolves when it is over. */
export async function orderInterval(house: House, kind?: string): Promise<void> {
  const response = await house.ops('POST', '/ops/reconcile', kind === undefined ? {} : { kind })
  assert.equal(response.status, 202, `/ops/reconcile answered ${response.status}`)
}

/** One interval of the poller now, and all that follows from it. */
export async function reconcile(house: House, kind?: string): Promise<void> {
  await orderInterval(house, kind)
  await house.settled()
}

/** Until all is quiet though the poller has looked, and the sweep: what is gone is in no list. */
export async function settledByPoller(house: House): Promise<void> {
  await house.settled()
  // What is brought first may be named by what follows.
  for (let turn = 0; turn < 3; turn += 1) await reconcile(house)
  await sweepOnce(house)
  await reconcile(house)
}

/** All pairs are looked at, kind by kind; only where the sweep need not wait (`sweepPaceMs: 0`). */
export async function sweepOnce(house: House): Promise<void> {
  // One more for each kind: a kind without pairs has a turn as well.
  for (let turn = 0; turn < 6; turn += 1) await house.catchUp()
  await house.settled()
}

/** What the poller put on a topic, in its order. */
export async function foundOn(house: House, topic: RecordTopic): Promise<readonly GatewayEvent[]> {
  // The log holds what the gateway validated.
  const events = (await house.events(topic)) as readonly GatewayEvent[]
  return events.filter(({ origin }) => origin === 'reconciliation')
}

/** Calls of this kind that reached the two systems since the counts were last reset, e.g. `read crm/people`. */
export function callsOf(house: House): Readonly<Record<string, number>> {
  const ofWorkbooks = Object.entries(house.workbooks.calls.counts()).filter(
    ([name]) => !/^(rows|changed|login) /.test(name),
  )
  return { ...Object.fromEntries(ofWorkbooks), ...house.outreach.calls.counts() }
}

/** The product's clock, pushed on together with those of both systems: its intervals begin when their time has come. */
export function makePushedClock() {
  let aheadMs = 0
  return {
    now: () => Date.now() + aheadMs,
    push: ({ workbooks, outreach }: Pick<House, 'workbooks' | 'outreach'>, ms: number): void => {
      aheadMs += ms
      workbooks.clock.advance(ms)
      outreach.clock.advance(ms)
    },
  }
}

import assert from 'node:assert/strict'
import type { Lot } from './open-town.ts'

/** Of a gateway's `/metrics`: events that it answered and the log has not got yet. */
export async function readSpooled({ opsUrl }: Lot): Promise<number> {
  const answer = await fetch(`${opsUrl}/metrics`)
  const found = /^gateway_spool_events (\d+)$/m.exec(await answer.text())?.[1]
  assert.ok(found !== undefined, 'a gateway on Kafka tells of its spool')
  return Number(found)
}

export async function isForwarded(gateways: readonly Lot[]): Promise<boolean> {
  return (await Promise.all(gateways.map(readSpooled))).every((events) => events === 0)
}

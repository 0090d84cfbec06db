import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Status } from '../ops/status.ts'
import type { House } from './start-house.ts'

export async function pause(house: House, what: string): Promise<void> {
  await ask(house, '/ops/pause', { what })
}

export async function resume(house: House, what: string): Promise<void> {
  await ask(house, '/ops/resume', { what })
  if (house.consumers === 1 || ['workbooks', 'outreach'].includes(what)) return
  // Each of several consumers takes what waited in its own time: before that none of them is busy.
  await until('what waited has been taken', async () => {
    return (await statusOfKind(house, what)).parked === 0
  })
}

async function ask(house: House, path: string, body: unknown): Promise<void> {
  const response = await house.ops('POST', path, body)
  assert.ok(response.ok, `${path} answered ${response.status}: ${await response.text()}`)
}

/** `ops status`. */
export async function readStatus(house: House): Promise<Status> {
  const response = await house.ops('GET', '/ops/status')
  assert.equal(response.status, 200)
  // Our own answer, in the form of product 6.
  return (await response.json()) as Status
}

export async function statusOfKind(house: House, name = 'organisation') {
  const found = (await readStatus(house)).kinds.find(({ kind }) => kind === name)
  assert.ok(found, `ops status does not show ${name}`)
  return found
}

export async function statusOfSystem(house: House, name: 'workbooks' | 'outreach') {
  const found = (await readStatus(house)).systems.find(({ system }) => system === name)
  assert.ok(found, `ops status does not show ${name}`)
  return found
}

/** Waits for a condition, looking often; rejects after `ms`, saying what did not come. */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  ms = 45_000,
): Promise<void> {
  const end = Date.now() + ms
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`within ${ms} ms it did not come to this: ${what}`)
    await sleep(10)
  }
}

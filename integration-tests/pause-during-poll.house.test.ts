import assert from 'node:assert/strict'
import { test } from 'vitest'
import { signToken } from '../ops/sign-token.ts'
import { houseSecrets, startHouse } from './start-house.ts'

/** The product's own `fetch`, which can keep its calls back until they are let go. */
function makeHeldFetch() {
  let isHeld = false
  let letGo: () => void = () => undefined
  let reached: () => void = () => undefined
  const untilReached = new Promise<void>((resolve) => (reached = resolve))
  const untilLetGo = new Promise<void>((resolve) => (letGo = resolve))
  const held: typeof fetch = async (input, init) => {
    if (isHeld) {
      reached()
      await untilLetGo
    }
    return fetch(input, init)
  }
  return { fetch: held, hold: () => (isHeld = true), letGo: () => letGo(), untilReached }
}

test('pause and resume answer though an interval is under way, however long it takes', async () => {
  const calls = makeHeldFetch()
  await using house = await startHouse({ overrides: { fetch: calls.fetch } })
  await house.settled()
  const claims = { sub: 'amy', scopes: ['ops:write'], forSeconds: 60, now: Date.now() } as const
  const authorization = `Bearer ${signToken(houseSecrets.ops, claims)}`
  const post = (path: string, body: object) =>
    fetch(`${house.opsUrl()}${path}`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  calls.hold()
  try {
    assert.equal((await post('/ops/reconcile', {})).status, 202)
    await calls.untilReached
    // Nothing of the interval can end before these have answered.
    assert.equal((await post('/ops/pause', { what: 'outreach' })).status, 200)
    assert.equal((await post('/ops/resume', { what: 'outreach' })).status, 200)
  } finally {
    calls.letGo()
  }
})

import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import type { FailNext } from '../sandbox/outreach/faults.ts'
import { statusOfKind, statusOfSystem, until } from './operators.ts'
import { account, createPair, renameOrganisation, resetCalls, writesOf } from './records.ts'
import { startHouse, type House } from './start-house.ts'

const flag = 'cf_organisation_outreach_sync_error'

async function assertNothingLost(house: House): Promise<void> {
  const { enabled, flagged, parked } = await statusOfKind(house)
  assert.deepEqual({ enabled, flagged, parked }, { enabled: true, flagged: 0, parked: 0 })
  for (const row of house.workbooks.person.list('organisations')) assert.equal(row[flag], false)
  assert.equal((await statusOfSystem(house, 'outreach')).circuit, 'closed')
}

const faults: readonly FailNext[] = [
  { method: 'PATCH', how: '500', count: 2 },
  { method: 'PATCH', how: '502-html', count: 2 },
  { method: 'PATCH', how: 'reset-before', count: 2 },
  { method: 'PATCH', how: 'half-reply' },
  { method: 'PATCH', how: '503-maintenance', retryAfter: 'epoch' },
  { method: 'PATCH', how: '503-maintenance', retryAfter: 'seconds' },
  { method: 'PATCH', how: '503-maintenance', retryAfter: 'iso' },
  { method: 'PATCH', how: '429', retryAfter: 'epoch' },
  { method: 'PATCH', how: '429', retryAfter: 'seconds' },
  { method: 'PATCH', how: '429', retryAfter: 'iso' },
  { method: 'PATCH', how: '401-expired' },
  { method: 'GET', how: '500' },
  // A read whose connection breaks is asked again at once.
  { method: 'GET', how: 'reset-before', count: 2 },
  { method: 'GET', how: '503-maintenance', retryAfter: 'iso' },
  { method: 'GET', how: '429', retryAfter: 'epoch' },
]

describe('what passes flags no record and loses nothing', () => {
  for (const fault of faults) {
    const { method = '', how, retryAfter } = fault
    const form = retryAfter === undefined ? '' : `, Retry-After as ${retryAfter}`
    test.concurrent(`Outreach answers a ${method} with ${how}${form}`, async () => {
      await using house = await startHouse()
      const { w, o } = await createPair(house, { name: 'Acme' })
      resetCalls(house)
      house.outreach.faults.failNext({ ms: 1_000, ...fault, path: '/accounts' })
      renameOrganisation(house, w, 'Acme Ltd')
      // Well before the quarter of an hour that a misread Retry-After would cost.
      await until('the edit has arrived', () => account(house, o)['name'] === 'Acme Ltd')
      await house.settled()
      await assertNothingLost(house)
      const told = await house.outcomes(`workbooks:organisation:${w}`)
      assert.ok(!told.some(({ outcome }) => outcome === 'failed' || outcome === 'conflict'))
      assert.equal(writesOf(house).workbooks, 0)
    })
  }
})

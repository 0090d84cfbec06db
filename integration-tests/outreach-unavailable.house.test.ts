import assert from 'node:assert/strict'
import { test } from 'vitest'
import { statusOfKind, statusOfSystem, until } from './operators.ts'
import {
  account,
  createOrganisation,
  editAccount,
  organisation,
  outreachIdOf,
  renameOrganisation,
  resetCalls,
  writesOf,
} from './records.ts'
import { startHouse, type House } from './start-house.ts'

const flag = 'cf_organisation_outreach_sync_error'

async function assertNothingLost(house: House): Promise<void> {
  const { enabled, flagged, parked } = await statusOfKind(house)
  assert.deepEqual({ enabled, flagged, parked }, { enabled: true, flagged: 0, parked: 0 })
  for (const row of house.workbooks.person.list('organisations')) assert.equal(row[flag], false)
  assert.equal((await statusOfSystem(house, 'outreach')).circuit, 'closed')
}

/** Pairs whose records are all linked and quiet. */
async function createPairs(house: House, count: number) {
  const ids = Array.from({ length: count }, (_, index) =>
    createOrganisation(house, { name: `Acme ${index}` }),
  )
  await house.settled()
  return ids.map((w) => ({ w, o: outreachIdOf(house, w) ?? 0 }))
}

test('a wait that one call was told is obeyed by all, and shows in "ops status"', async () => {
  await using house = await startHouse()
  const [one, two] = await createPairs(house, 2)
  assert.ok(one && two)
  house.outreach.faults.failNext({ method: 'PATCH', how: '429', retryAfter: 'seconds', ms: 5_000 })
  renameOrganisation(house, one.w, 'One')
  await until('Outreach is paused', async () => {
    const { pausedUntil, reason, circuit } = await statusOfSystem(house, 'outreach')
    return pausedUntil !== null && circuit === 'closed' && /429/.test(reason ?? '')
  })
  resetCalls(house)
  renameOrganisation(house, two.w, 'Two')
  const { pausedUntil } = await statusOfSystem(house, 'outreach')
  await house.settled()
  const [first] = house.outreach.calls.log()
  assert.ok(first && pausedUntil)
  // The simulated clock writes whole seconds.
  assert.ok(Date.parse(first.at) + 1_000 > Date.parse(pausedUntil), 'nobody called meanwhile')
  assert.deepEqual([account(house, one.o)['name'], account(house, two.o)['name']], ['One', 'Two'])
  await assertNothingLost(house)
})

test('unavailable for a while: the circuit opens, consumption pauses, and everything arrives once it is back', async () => {
  await using house = await startHouse()
  const pairs = await createPairs(house, 8)
  resetCalls(house)
  house.outreach.faults.set({ unavailable: true })
  for (const { w } of pairs) {
    renameOrganisation(house, w, `New ${w}`)
    await until('the edit was looked at', async () => {
      const told = await house.outcomes(`workbooks:organisation:${w}`)
      const { circuit } = await statusOfSystem(house, 'outreach')
      return circuit !== 'closed' || told[0]?.outcome === 'parked'
    })
  }
  const open = await statusOfSystem(house, 'outreach')
  assert.equal(open.circuit, 'open')
  assert.match(open.reason ?? '', /5 calls in a row failed|the connection broke/)

  // Slow enough that the probe is seen at it, however busy the machine is.
  house.outreach.faults.set({ latencyMs: 4_000 })
  await until('it is being probed', async () => {
    return (await statusOfSystem(house, 'outreach')).circuit === 'half-open'
  })
  house.outreach.faults.set({})
  await until('all edits have arrived', () =>
    pairs.every(({ w, o }) => account(house, o)['name'] === `New ${w}`),
  )
  await house.settled()
  await assertNothingLost(house)
  assert.equal(writesOf(house).workbooks, 0)
})

test('no connection can be made: the circuit opens at the first call, nothing is called meanwhile, and everything arrives', async () => {
  let isDown = false
  let refused = 0
  const outreachOf = { url: 'not open yet' }
  const lossyFetch: typeof fetch = (input, init) => {
    const url = input instanceof Request ? input.url : String(input)
    if (!isDown || !url.startsWith(outreachOf.url)) return fetch(input, init)
    refused += 1
    const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED', syscall: 'connect' })
    return Promise.reject(new TypeError('fetch failed', { cause }))
  }
  await using house = await startHouse({ overrides: { fetch: lossyFetch } })
  outreachOf.url = house.outreach.url
  const pairs = await createPairs(house, 5)
  isDown = true
  const downAt = Date.now()
  for (const { w } of pairs) renameOrganisation(house, w, `New ${w}`)
  let reason: string | null = null
  await until('the circuit is open, and says until when', async () => {
    const status = await statusOfSystem(house, 'outreach')
    reason = status.reason
    return status.circuit === 'open' && Date.parse(status.pausedUntil ?? '') > 0
  })
  assert.match(String(reason), /no connection \(ECONNREFUSED\)/)
  // A probe now and then: after half a second, one, two.
  const probes = Math.log2(1 + (Date.now() - downAt) / 500) * house.consumers
  assert.ok(refused <= 3 + probes, `${refused} calls to a closed door`)
  isDown = false
  await until('all edits have arrived', () =>
    pairs.every(({ w, o }) => account(house, o)['name'] === `New ${w}`),
  )
  await house.settled()
  await assertNothingLost(house)
})

test('while Outreach is away edits of both sides pile up, the product is restarted, and nothing is lost', async () => {
  await using house = await startHouse()
  const [one, two] = await createPairs(house, 2)
  assert.ok(one && two)
  resetCalls(house)
  house.outreach.faults.set({ unavailable: true })
  renameOrganisation(house, one.w, 'One')
  editAccount(house, two.o, { name: 'Two' })
  const created = createOrganisation(house, { name: 'Three' })
  // A hook that finds no door is lost: what it tells only a poller would find.
  await Promise.all([house.outreach.whenQuiet(), house.workbooks.whenQuiet()])
  await until('the calls fail', () => house.outreach.calls.counts()['GET accounts'] !== undefined)
  await house.stop()
  house.outreach.faults.set({})
  await house.start()
  await until('everything has arrived', () => {
    const isCreated = outreachIdOf(house, created) !== undefined
    const isNamed = account(house, one.o)['name'] === 'One'
    return isCreated && isNamed && organisation(house, two.w)['name'] === 'Two'
  })
  await house.settled()
  await assertNothingLost(house)
})

test('a record that always gets a 500 parks alone: the others go on, the circuit stays closed, and it is done when it can be', async () => {
  await using house = await startHouse()
  const [bad, ...others] = await createPairs(house, 6)
  assert.ok(bad)
  const path = `/accounts/${bad.o}$`
  house.outreach.faults.failNext({ method: 'PATCH', path, how: '500', count: 1_000 })
  for (const { w } of [bad, ...others]) renameOrganisation(house, w, `New ${w}`)
  await house.settled()

  for (const { w, o } of others) assert.equal(account(house, o)['name'], `New ${w}`)
  assert.notEqual(account(house, bad.o)['name'], `New ${bad.w}`)
  const { parked, flagged } = await statusOfKind(house)
  assert.deepEqual({ parked, flagged }, { parked: 1, flagged: 0 })
  assert.equal((await statusOfSystem(house, 'outreach')).circuit, 'closed')
  const told = await house.outcomes(`workbooks:organisation:${bad.w}`)
  assert.equal(told.filter(({ outcome }) => outcome === 'parked').length, 1)

  house.outreach.faults.set({})
  await until('it is done too', () => account(house, bad.o)['name'] === `New ${bad.w}`)
  await house.settled()
  await assertNothingLost(house)
})

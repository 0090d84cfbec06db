import assert from 'node:assert/strict'
import { test } from 'vitest'
import { readStatus, statusOfSystem, until } from './operators.ts'
import { reconcile } from './polling.ts'
import {
  account,
  createPair,
  editAccount,
  editOrganisation,
  organisation,
  silently,
} from './records.ts'
import { startHouse, type House } from './start-house.ts'

/** Short, so that nobody waits here for a webhook that never comes. */
const fairMs = 300

async function missesOf(house: House, resource: string) {
  const found = (await readStatus(house)).misses.find((one) => one.resource === resource)
  return { announced: found?.announced ?? 0, found: found?.found ?? 0 }
}

function secondsPass(house: House): void {
  house.outreach.clock.advance(2_000)
  house.workbooks.clock.advance(2_000)
}

test('what a webhook announces is no miss, what only the poller finds is one; each is counted where it changed', async () => {
  await using house = await startHouse({ overrides: { fairMs } })
  const { w, o } = await createPair(house, { name: 'Acme' })
  await reconcile(house)
  const before = {
    outreach: await missesOf(house, 'outreach.account'),
    workbooks: await missesOf(house, 'workbooks.organisation'),
  }

  editAccount(house, o, { industry: 'Food' })
  await house.settled()
  // Only whole seconds tell one change of Outreach from the next.
  secondsPass(house)
  silently(house, () => {
    editAccount(house, o, { locality: 'Leeds' })
    editOrganisation(house, w, { website: 'https://acme.example' })
  })
  secondsPass(house)
  await reconcile(house)
  assert.equal(organisation(house, w)['industry'], 'Food')
  assert.equal(account(house, o)['websiteUrl'], 'https://acme.example')

  await until('both are missed', async () => {
    const [outreach, workbooks] = await Promise.all([
      missesOf(house, 'outreach.account'),
      missesOf(house, 'workbooks.organisation'),
    ])
    return (
      outreach.found === before.outreach.found + 1 && workbooks.found === before.workbooks.found + 1
    )
  })
  const { announced } = await missesOf(house, 'outreach.account')
  assert.ok(announced > before.outreach.announced)
  const [misses] = (await readStatus(house)).misses.filter(({ found }) => found > 0)
  assert.ok(misses)
  assert.equal(
    misses.ratio,
    Math.round((misses.found / (misses.announced + misses.found)) * 1e4) / 1e4,
  )
  assert.ok(misses.longestDelaySeconds < 60, `${misses.longestDelaySeconds} s`)
  assert.equal(
    misses.hours.reduce((sum, hour) => sum + hour.found, 0),
    misses.found,
  )
})

test('the status names the interval that the yearly budget pays for, and counts the year from first connection', async () => {
  await using house = await startHouse({
    env: { OUTREACH_CALLS_PER_YEAR: '250000', RECONCILE_INTERVAL_SECONDS: '60' },
    overrides: { pollsWhenAsked: false },
  })
  await createPair(house, { name: 'Acme' })
  await until('it is decided', async () => {
    return (await statusOfSystem(house, 'outreach')).pollSeconds !== null
  })
  const outreach = await statusOfSystem(house, 'outreach')
  assert.ok((outreach.pollSeconds ?? 0) > 60, `${outreach.pollSeconds} s`)
  assert.match(outreach.pollReason ?? '', /^OUTREACH_CALLS_PER_YEAR=250000 pays for one poll in /)
  assert.deepEqual([outreach.yearLimit, outreach.callsThisYear], [250_000, outreach.callsThisHour])
  const workbooks = await statusOfSystem(house, 'workbooks')
  assert.equal(workbooks.pollSeconds, 60)
})

test('without a yearly budget the start log says what polling costs a year', async () => {
  await using house = await startHouse()
  const line = house
    .logged()
    .split('\n')
    .find((text) => text.includes('polling Outreach takes so many calls a year'))
  assert.match(line ?? '', /"callsPerYear":[1-9]\d{6}/)
  assert.match(line ?? '', /"intervalSeconds":60/)
})

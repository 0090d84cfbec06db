import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'vitest'
import {
  accountsNamed,
  createAccount,
  createOrganisation,
  onlyOutcome,
  organisation,
  organisations,
  outreachIdOf,
  silently,
  syncByOps,
  until,
} from './records.ts'
import { startHouse, type House } from './start-house.ts'
import { makeUnreliableNetwork, requests } from './unreliable-network.ts'

const isFlagged = (house: House, w: number) =>
  organisation(house, w)['cf_organisation_outreach_duplicate'] === true ||
  organisation(house, w)['cf_organisation_outreach_sync_error'] === true

const organisationsNamed = (house: House, name: string) =>
  organisations(house).filter((row) => row['name'] === name)

async function startUnreliableHouse(options: Parameters<typeof startHouse>[0] = {}) {
  const network = makeUnreliableNetwork()
  const house = await startHouse({ ...options, overrides: { fetch: network.fetch } })
  return { network, house }
}

test.concurrent(
  'a create that never arrived is looked for at once and again 5 s later, and only then sent again; also twice in a row, in both directions',
  async () => {
    const { network, house: opened } = await startUnreliableHouse()
    await using house = opened
    network.fail({ on: requests.outreachCreate, how: 'lost-on-the-way' })
    network.fail({ on: requests.outreachCreate, how: 'reset-after-commit' })
    network.fail({ on: requests.workbooksCreate, how: 'lost-on-the-way' })
    network.fail({ on: requests.workbooksCreate, how: 'reset-after-commit' })
    const startedAt = Date.now()
    const w = createOrganisation(house, { name: 'Acme' })
    const o = createAccount(house, { name: 'Borealis' })
    await house.settled()

    assert.ok(Date.now() - startedAt >= 5_000, 'it was created again too early')
    assert.equal(network.faultsLeft(), 0)
    assert.deepEqual(accountsNamed(house, 'Acme'), [outreachIdOf(house, w)])
    const [made, second] = organisationsNamed(house, 'Borealis')
    assert.equal(second, undefined)
    assert.equal(made?.['cf_organisation_outreach_id'], String(o))
    assert.equal(isFlagged(house, w), false)
    assert.equal(isFlagged(house, Number(made['id'])), false)
    assert.equal(network.count(requests.outreachCreate), 2)
    assert.equal(network.count(requests.workbooksCreate), 2)
  },
)

test.concurrent(
  'a made record that the search does not show at once is found 5 s later, in both directions',
  async () => {
    const { network, house: opened } = await startUnreliableHouse()
    await using house = opened
    // No webhook tells of what was made: only the second look can find it.
    house.outreach.webhooks.change({ drops: 1 })
    house.workbooks.hooks.setDisorder({ drops: 1 })
    const w = createOrganisation(house, { name: 'Acme' })
    const o = createAccount(house, { name: 'Borealis' })
    network.fail({ on: requests.outreachCreate, how: 'reset-after-commit' })
    network.fail({ on: requests.workbooksCreate, how: 'reset-after-commit' })
    let isShown = false
    const hidden = new Set<unknown>()
    const isHidden = (search: (typeof requests)['outreachSearch'], create: typeof search) => {
      return (request: Parameters<typeof search>[0]) => {
        if (isShown || network.count(create) === 0 || !search(request)) return false
        hidden.add(search)
        return true
      }
    }
    network.fail({
      on: isHidden(requests.outreachSearch, requests.outreachCreate),
      how: 'empty-list',
      count: 100,
    })
    network.fail({
      on: isHidden(requests.workbooksSearch, requests.workbooksCreate),
      how: 'empty-list',
      count: 100,
    })
    const startedAt = Date.now()
    const synced = Promise.all([
      syncByOps(house, `workbooks:organisation:${w}`),
      syncByOps(house, `outreach:account:${o}`),
    ])
    await until(() => hidden.size === 2)
    // The rest of that first look takes a moment, the second one comes much later.
    await sleep(1_500)
    isShown = true
    await synced
    assert.ok(Date.now() - startedAt >= 5_000)
    assert.deepEqual(accountsNamed(house, 'Acme'), [outreachIdOf(house, w)])
    assert.equal(organisationsNamed(house, 'Borealis').length, 1)
    assert.equal(network.count(requests.outreachCreate), 1)
    assert.equal(network.count(requests.workbooksCreate), 1)
  },
)

test.concurrent(
  'the process stops after the intent and before the create arrived: after the restart there is one record each',
  async () => {
    const { network, house: opened } = await startUnreliableHouse()
    await using house = opened
    network.fail({ on: requests.outreachCreate, how: 'lost-on-the-way' })
    network.fail({ on: requests.workbooksCreate, how: 'lost-on-the-way' })
    const w = createOrganisation(house, { name: 'Acme' })
    const o = createAccount(house, { name: 'Borealis' })
    await until(() => network.faultsLeft() === 0)
    network.cut()
    await house.stop()
    assert.deepEqual(accountsNamed(house, 'Acme'), [])
    network.mend()
    await house.start()
    // What was under way when the network went is parked, and is no part of being settled.
    await until(
      () =>
        outreachIdOf(house, w) !== undefined && organisationsNamed(house, 'Borealis').length === 1,
    )
    await house.settled()
    assert.deepEqual(accountsNamed(house, 'Acme'), [outreachIdOf(house, w)])
    assert.deepEqual(
      organisationsNamed(house, 'Borealis').map((row) => row['cf_organisation_outreach_id']),
      [String(o)],
    )
  },
)

test.concurrent(
  'the process stops after the create was carried out and before its answer: after the restart there is one record each',
  async () => {
    const { network, house: opened } = await startUnreliableHouse()
    await using house = opened
    // Only the hints of before may find it: nobody tells of what was made.
    const w = createOrganisation(house, { name: 'Acme' })
    const o = createAccount(house, { name: 'Borealis' })
    house.outreach.webhooks.change({ drops: 1 })
    house.workbooks.hooks.setDisorder({ drops: 1 })
    network.fail({ on: requests.outreachCreate, how: 'reset-after-commit' })
    network.fail({ on: requests.workbooksCreate, how: 'reset-after-commit' })
    await until(
      () =>
        accountsNamed(house, 'Acme').length === 1 &&
        organisationsNamed(house, 'Borealis').length === 1,
    )
    network.cut()
    await house.stop()
    network.mend()
    await house.start()
    // What was under way when the network went is parked, and is no part of being settled.
    await until(
      () =>
        outreachIdOf(house, w) !== undefined && organisationsNamed(house, 'Borealis').length === 1,
    )
    await house.settled()
    assert.deepEqual(accountsNamed(house, 'Acme'), [outreachIdOf(house, w)])
    assert.deepEqual(
      organisationsNamed(house, 'Borealis').map((row) => row['cf_organisation_outreach_id']),
      [String(o)],
    )
    assert.equal(network.count(requests.outreachCreate), 1)
    assert.equal(network.count(requests.workbooksCreate), 1)
  },
)

test.concurrent(
  'a namesake that a person makes while we look again is a duplicate, never taken for our own',
  async () => {
    const { network, house: opened } = await startUnreliableHouse()
    await using house = opened
    network.fail({ on: requests.outreachCreate, how: 'lost-on-the-way' })
    network.fail({ on: requests.workbooksCreate, how: 'lost-on-the-way' })
    const w = createOrganisation(house, { name: 'Acme' })
    const o = createAccount(house, { name: 'Borealis' })
    await until(() => network.faultsLeft() === 0)
    const [namesake, twin] = silently(house, () => [
      createAccount(house, { name: 'Acme' }),
      createOrganisation(house, { name: 'Borealis' }),
    ])
    await house.settled()

    assert.deepEqual(accountsNamed(house, 'Acme'), [namesake])
    assert.equal(organisationsNamed(house, 'Borealis').length, 1)
    for (const one of [w, twin]) {
      assert.ok(isFlagged(house, one))
      assert.equal(outreachIdOf(house, one), undefined)
    }
    await onlyOutcome(house, `workbooks:organisation:${w}`, 'duplicate')
    await onlyOutcome(house, `outreach:account:${o}`, 'duplicate')
  },
)

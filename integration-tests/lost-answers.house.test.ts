import assert from 'node:assert/strict'
import { test } from 'vitest'
import {
  account,
  accountsNamed,
  createAccount,
  createOrganisation,
  editAccount,
  editOrganisation,
  onlyOutcome,
  organisation,
  organisations,
  outcomesOf,
  outreachIdOf,
  renameAccount,
  renameOrganisation,
} from './records.ts'
import { startHouse, type House } from './start-house.ts'
import {
  makeUnreliableNetwork,
  requests,
  type SeenRequest,
  type Way,
} from './unreliable-network.ts'

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

const lostAnswers: readonly Way[] = ['reset-after-commit', 'half-reply', '502-after-commit']

test.each(lostAnswers)(
  'Workbooks to Outreach: a create whose answer was lost (%s) is adopted by our reference: one account, no flag',
  async (how) => {
    const { network, house: opened } = await startUnreliableHouse()
    await using house = opened
    network.fail({ on: requests.outreachCreate, how })
    const w = createOrganisation(house, { name: 'Acme', industry: 'Food' })
    await house.settled()

    assert.equal(network.faultsLeft(), 0)
    assert.deepEqual(accountsNamed(house, 'Acme'), [outreachIdOf(house, w)])
    assert.equal(isFlagged(house, w), false)
    assert.equal(network.count(requests.outreachCreate), 1)
    await assertInStep(house, { w, o: outreachIdOf(house, w) ?? 0 })
  },
)

test.each(lostAnswers)(
  'Outreach to Workbooks: a create whose answer was lost (%s) is adopted: one organisation, no flag',
  async (how) => {
    const { network, house: opened } = await startUnreliableHouse()
    await using house = opened
    network.fail({ on: requests.workbooksCreate, how })
    const o = createAccount(house, { name: 'Acme', industry: 'Food' })
    await house.settled()

    assert.equal(network.faultsLeft(), 0)
    const [made, second] = organisationsNamed(house, 'Acme')
    assert.equal(second, undefined)
    const w = Number(made?.['id'])
    assert.equal(outreachIdOf(house, w), o)
    assert.equal(isFlagged(house, w), false)
    assert.equal(network.count(requests.workbooksCreate), 1)
    await assertInStep(house, { w, o })
  },
)

test('several creates whose answers were lost in one go stay one record each', async () => {
  const { network, house: opened } = await startUnreliableHouse()
  await using house = opened
  network.fail({ on: requests.outreachCreate, how: 'reset-after-commit', count: 3 })
  network.fail({ on: requests.workbooksCreate, how: 'half-reply', count: 2 })
  const names = Array.from({ length: 8 }, (_, at) => `Company ${at}`)
  const made = names.map((name) => createOrganisation(house, { name }))
  const others = names.map((name) => createAccount(house, { name: `${name} Ltd` }))
  await house.settled()
  for (const [at, w] of made.entries()) {
    assert.deepEqual(accountsNamed(house, `Company ${at}`), [outreachIdOf(house, w)])
  }
  for (const [at, o] of others.entries()) {
    const found = organisationsNamed(house, `Company ${at} Ltd`)
    assert.deepEqual(
      found.map((row) => row['cf_organisation_outreach_id']),
      [String(o)],
    )
  }
})

test('an edit that meets the create on its way is not lost: the account ends with the newest name', async () => {
  const { network, house: opened } = await startUnreliableHouse()
  await using house = opened
  network.fail({ on: requests.outreachCreate, how: 'reset-after-commit' })
  let w = 0
  house.outreach.faults.beforeCommit(({ method }) => {
    if (method === 'POST') renameOrganisation(house, w, 'Acme Ltd')
  })
  w = createOrganisation(house, { name: 'Acme' })
  await house.settled()
  assert.deepEqual(accountsNamed(house, 'Acme Ltd'), [outreachIdOf(house, w)])
  assert.deepEqual(accountsNamed(house, 'Acme'), [])
})

test('a field that was blank when the create was lost, and is filled on both sides before it is found: the value that loses is told', async () => {
  const { network, house: opened } = await startUnreliableHouse()
  await using house = opened
  network.fail({ on: requests.workbooksCreate, how: 'reset-after-commit' })
  let o = 0
  // Looked for again: by then both have something to say about it.
  const fillOnce = (request: SeenRequest) => {
    const [made] = organisationsNamed(house, 'Acme')
    if (made === undefined || made['biography'] || !requests.workbooksSearch(request)) return false
    editOrganisation(house, Number(made['id']), { biography: 'From Workbooks' })
    editAccount(house, o, { description: 'From Outreach' })
    return false
  }
  network.fail({ on: fillOnce, how: 'reset-after-commit' })
  o = createAccount(house, { name: 'Acme' })
  await house.settled()
  const w = Number(organisationsNamed(house, 'Acme')[0]?.['id'])
  assert.equal(organisation(house, w)['biography'], account(house, o)['description'])
  const { conflicts } = await onlyOutcome(house, `outreach:account:${o}`, 'conflict')
  assert.deepEqual(
    conflicts?.map(({ field }) => field),
    ['biography'],
  )
})

test('what a lost create had made is deleted by a person before it is found: nothing is made again', async () => {
  const { network, house: opened } = await startUnreliableHouse()
  await using house = opened
  network.fail({ on: requests.workbooksCreate, how: 'reset-after-commit' })
  const removeOnce = (request: SeenRequest) => {
    const [made] = organisationsNamed(house, 'Acme')
    if (made === undefined || !requests.workbooksSearch(request)) return false
    house.workbooks.person.remove('organisations', Number(made['id']))
    return false
  }
  network.fail({ on: removeOnce, how: 'reset-after-commit' })
  const o = createAccount(house, { name: 'Acme' })
  await house.settled()
  assert.equal(house.workbooks.person.list('organisations').length, 1)
  renameAccount(house, o, 'Acme Ltd')
  await house.settled()
  assert.equal(house.workbooks.person.list('organisations').length, 1)
  const [gone] = await outcomesOf(house, `outreach:account:${o}`, 'gone')
  assert.ok(gone)
})

/** What was made without an answer is a pair like any other: an edit on each side crosses once. */
async function assertInStep(house: House, { w, o }: { w: number; o: number }): Promise<void> {
  renameOrganisation(house, w, 'From Workbooks')
  await house.settled()
  assert.equal(account(house, o)['name'], 'From Workbooks')
  renameAccount(house, o, 'From Outreach')
  await house.settled()
  assert.equal(organisation(house, w)['name'], 'From Outreach')
  assert.deepEqual(await outcomesOf(house, `workbooks:organisation:${w}`, 'conflict'), [])
}

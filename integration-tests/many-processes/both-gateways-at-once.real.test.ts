import assert from 'node:assert/strict'
import { test } from 'vitest'
import * as checks from '../kill-nine/checks.ts'
import { makePeople } from '../kill-nine/people.ts'
import { makeRandom } from '../kill-nine/random.ts'
import { openTown, type Town } from './open-town.ts'

const rounds = 30

test('every delivery comes to two gateways at once: it has one effect', async () => {
  await using stack = new AsyncDisposableStack()
  const town = await openBusyTown(stack)
  const { outreach, workbooks, door, gateways } = town
  const people = makePeople({ outreach, workbooks, random: makeRandom(1) })
  for (let round = 0; round < rounds; round += 1) {
    people.stir('create in Workbooks')
    people.stir('create in Outreach')
  }
  await town.untilSettled(gateways[0])
  const made = outreach.calls.counts()['POST accounts']
  outreach.calls.reset()
  workbooks.calls.reset()
  const before = people.count()
  while (people.count() < before + 4 * rounds) {
    people.stir('edit in Workbooks')
    people.stir('edit in Outreach')
  }
  await town.untilSettled(gateways[0])

  assert.equal(made, rounds)
  const patches = outreach.calls.counts()['PATCH accounts'] ?? 0
  const rows = workbooks.calls.counts()['rows crm/organisations'] ?? 0
  assert.ok(patches > 0 && patches <= 2 * rounds, `${patches} PATCHes`)
  assert.ok(rows > 0 && rows <= 2 * rounds, `${rows} rows`)
  const events = await town.readEvents()
  // Both gateways kept each delivery: otherwise nothing was doubled.
  assert.ok((events.get('outreach.account')?.length ?? 0) >= 2 * 4 * rounds)
  checks.assertNothingRefused(town, door.answers)
  checks.assertAgreed(people, events)
  checks.assertNothingDoubled({ outreach, workbooks, people })
  checks.assertNothingLost(events, door.acknowledged)
  checks.assertRightWinners(events, people)
})

test('two consumers race for what is new on both sides at once: one account, one organisation', async () => {
  await using stack = new AsyncDisposableStack()
  const town = await openBusyTown(stack)
  const { outreach, workbooks, gateways } = town
  const made = Array.from({ length: rounds }, (_, round) => {
    const name = `Company ${round}`
    const wish = { name, cf_organisation_sync_to_outreach: true }
    const w = Number(workbooks.person.create('organisations', wish)['id'])
    // Every second account bears our reference; the others match by nothing but their name.
    const isOurs = round % 2 === 0
    const reference = isOurs ? { customId: `workbooks:organisation:${w}` } : {}
    const attributes = { name, named: true, ...reference }
    const o = outreach.person.create('account', { attributes }).id
    return { name, w, o, isOurs }
  })
  await town.untilSettled(gateways[0])

  for (const { name, w, o, isOurs } of made) {
    const accounts = outreach.person
      .list('account')
      .filter((one) => one.attributes['name'] === name)
    assert.deepEqual(
      accounts.map(({ id }) => id),
      [o],
      name,
    )
    const rows = workbooks.person.list('organisations').filter((row) => row['name'] === name)
    assert.deepEqual(
      rows.map(({ id }) => Number(id)),
      [w],
      name,
    )
    const [row] = rows
    const isFlagged = row?.['cf_organisation_outreach_duplicate'] === true
    const linked = Number(row?.['cf_organisation_outreach_id'] ?? 0)
    assert.deepEqual(
      { name, isFlagged, linked },
      { name, isFlagged: !isOurs, linked: isOurs ? o : 0 },
    )
  }
})

async function openBusyTown(stack: AsyncDisposableStack): Promise<Town> {
  const town = await openTown(stack, { isDoubled: true })
  await Promise.all([
    ...town.gateways.map((lot) => town.start('gateway', lot)),
    town.start('consumers'),
    town.start('consumers'),
  ])
  return town
}

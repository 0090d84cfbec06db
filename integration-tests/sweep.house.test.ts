import assert from 'node:assert/strict'
import { test } from 'vitest'
import {
  account,
  createPair,
  editAccount,
  newestOutcome,
  outcomesOf,
  resetCalls,
  silently,
  until,
  writesOf,
} from './records.ts'
import { startHouse, type House } from './start-house.ts'

/** A house whose sweep looks at every pair each second, and whose poller finds nothing. */
const startSwept = () => startHouse({ overrides: { sweepPaceMs: 0, pollsWhenAsked: true } })

/** Until the sweep has been everywhere after this moment. */
async function swept(house: House): Promise<void> {
  const sweeps = () => house.logged().match(/"pairs swept"/g)?.length ?? 0
  const before = sweeps()
  await until(() => sweeps() >= before + 2)
  await house.settled()
}

test('what is gone from either system is found by the sweep, and its pair closed on proof', async () => {
  await using house = await startSwept()
  const [one, other] = [
    await createPair(house, { name: 'Acme' }),
    await createPair(house, { name: 'Bolt' }),
  ]
  // The sweep goes on as long as there is a pair.
  await createPair(house, { name: 'Core' })
  silently(house, () => {
    house.outreach.person.remove('account', one.o)
    house.workbooks.person.remove('organisations', other.w)
  })
  await swept(house)
  const outcomes = await Promise.all(
    [`workbooks:organisation:${one.w}`, `outreach:account:${other.o}`].map((ref) =>
      newestOutcome(house, ref),
    ),
  )
  assert.deepEqual(
    outcomes.map(({ outcome }) => outcome),
    ['gone', 'gone'],
  )
  assert.equal(account(house, other.o)['name'], 'Bolt')
})

test('a change that nobody told is found by the sweep, and told once', async () => {
  await using house = await startSwept()
  const pair = await createPair(house, { name: 'Acme' })
  silently(house, () => editAccount(house, pair.o, { industry: 'Food' }))
  await swept(house)
  const [found] = await outcomesOf(house, `outreach:account:${pair.o}`, 'updated')
  assert.deepEqual([found?.system, found?.fields], ['workbooks', ['industry']])
  const told = await house.outcomes(`outreach:account:${pair.o}`)
  resetCalls(house)
  await swept(house)
  assert.deepEqual(await house.outcomes(`outreach:account:${pair.o}`), told)
  assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 0 })
})

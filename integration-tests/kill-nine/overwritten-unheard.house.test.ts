import assert from 'node:assert/strict'
import { test } from 'vitest'
import { account, createPair, organisation, renameAccount, renameOrganisation } from '../records.ts'
import { startHouse } from '../start-house.ts'

// Rulebook 8: "where the before in our write's own echo is not what we had read, somebody's edit was
// overwritten", also where nobody heard the answer of that write: a broken connection, or kill -9.
test('an edit that our PATCH wrote over is put back, though its answer was lost', async () => {
  await using house = await startHouse()
  const { outreach, workbooks } = house
  const { w, o } = await createPair(house, { name: 'Acme' })
  // By the clocks of the two systems the edit in Outreach is the later one.
  workbooks.clock.advance(-10_000)
  const stop = outreach.faults.beforeCommit(({ method }) => {
    if (method !== 'PATCH') return
    stop()
    renameAccount(house, o, 'Acme of Outreach')
  })
  outreach.faults.failNext({ method: 'PATCH', how: 'reset-after-commit' })
  renameOrganisation(house, w, 'Acme of Workbooks')
  await house.settled()

  assert.equal(account(house, o)['name'], 'Acme of Outreach')
  assert.equal(organisation(house, w)['name'], 'Acme of Outreach')
  const conflicts = (await house.outcomes(`workbooks:organisation:${w}`)).filter(
    ({ outcome }) => outcome === 'conflict',
  )
  assert.deepEqual(
    conflicts.map((one) => one.conflicts),
    [
      [
        {
          field: 'name',
          winner: 'outreach',
          loser: 'workbooks',
          losingValue: 'Acme of Workbooks',
        },
      ],
    ],
  )
})

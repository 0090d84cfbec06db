import assert from 'node:assert/strict'
import { test } from 'vitest'
import {
  account,
  createPair,
  organisation,
  renameAccount,
  renameOrganisation,
  resetCalls,
  writesOf,
} from './records.ts'
import { startHouse } from './start-house.ts'

test('an organisation becomes an account, and a rename on either side follows, once each', async () => {
  await using house = await startHouse()
  const { w, o } = await createPair(house, { name: 'Acme' })
  assert.equal(account(house, o)['name'], 'Acme')
  assert.equal(account(house, o)['customId'], `workbooks:organisation:${w}`)
  resetCalls(house)

  renameOrganisation(house, w, 'Acme Ltd')
  await house.settled()
  assert.equal(account(house, o)['name'], 'Acme Ltd')

  renameAccount(house, o, 'Acme plc')
  await house.settled()
  assert.equal(organisation(house, w)['name'], 'Acme plc')
  assert.deepEqual(writesOf(house), { outreach: 1, workbooks: 1 })
})

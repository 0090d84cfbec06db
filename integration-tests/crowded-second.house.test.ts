import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { RecordTopic } from '../schemas/topics.ts'
import { pause, resume } from './operators.ts'
import { callsOf, foundOn, orderInterval, reconcile, startSilentHouse } from './polling.ts'
import {
  createAccount,
  createOrganisation,
  editAccount,
  organisations,
  resetCalls,
} from './records.ts'
import type { House } from './start-house.ts'

const count = 5_000

/** Two intervals, the second of which finds nothing more. */
async function pollUntilFound(house: House, topic: RecordTopic): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) {
    await orderInterval(house, 'organisation')
    const found = await foundOn(house, topic)
    assert.equal(found.length, count)
    assert.equal(new Set(found.map(({ subject }) => subject)).size, count)
  }
}

test('5,000 rows and 5,000 accounts of one second are found, each once and none left out', async () => {
  // One moment for all of them, as after an import.
  let standing: number | undefined
  const now = () => standing ?? Date.now()
  await using house = await startSilentHouse({
    workbooks: { now },
    outreach: { subscriptions: [], now },
    env: { LOG_LEVEL: 'warn' },
  })
  await reconcile(house)
  standing = Date.now()
  const accounts = Array.from({ length: count }, (_, at) =>
    createAccount(house, { name: `Acme ${at}` }),
  )
  for (const [at, o] of accounts.entries()) {
    createOrganisation(house, { name: `Acme ${at}`, cf_organisation_outreach_id: String(o) })
    editAccount(house, o, { locality: 'Leeds' })
  }
  standing = undefined
  assert.equal(new Set(organisations(house).map((row) => row['updated_at'])).size, 1)

  resetCalls(house)
  // Who handles what is found waits for the other system.
  await pause(house, 'outreach')
  await pollUntilFound(house, 'workbooks.organisation')
  await pause(house, 'workbooks')
  await resume(house, 'outreach')
  await pollUntilFound(house, 'outreach.account')
  const { 'read crm/organisations': rows = 0, 'GET accounts': lists = 0 } = callsOf(house)
  // Twice each: as long as more of that second might come to light it is read again.
  assert.ok(rows <= 2 * (count / 100 + 3), `${rows} pages of rows`)
  // Once more for what was ordered while Outreach was paused: it began when that was over.
  assert.ok(lists <= 3 * (count / 200 + 3), `${lists} pages of accounts`)
}, 240_000)

import assert from 'node:assert/strict'
import { test } from 'vitest'
import { addRole, contacts, contactsOf, rolesOf } from './contacts.ts'
import { createOpportunity, dealIdOf, deals, editOpportunity } from './opportunities.ts'
import { createPersonPair, type Pair } from './people.ts'
import { outcomesOf, until } from './records.ts'
import { startHouse, type House } from './start-house.ts'
import { makeUnreliableNetwork } from './unreliable-network.ts'

// Both sides add the same person to an opportunity that we have just made, before its people are related.

type Added = { readonly mara: Pair; readonly w: number; readonly o: number }

function addOnBothSides(house: House, { mara, w, o }: Added): void {
  addRole(house, { deal: o, prospect: mara.o, role: 'Buyer' })
  editOpportunity(house, w, contacts([mara.w, 'Partner']))
}

async function assertOneLostAndNamed(house: House, { mara, w, o }: Added): Promise<void> {
  const told = await outcomesOf(house, `workbooks:opportunity:${w}`, 'conflict')
  const lost = told.flatMap(({ conflicts = [] }) => conflicts.map((one) => one.losingValue))
  const [kept] = rolesOf(house, o)
  assert.deepEqual(lost, [[kept === `${mara.o} Partner` ? 'Buyer' : 'Partner']])
  assert.deepEqual(contactsOf(house, w), [String(kept).replace(`${mara.o} `, `${mara.w} `)])
}

test('in Outreach, and its Outreach Id was not written back yet: the role that loses is named', async () => {
  await using house = await startHouse()
  const mara = await createPersonPair(house, {})
  const stop = house.workbooks.faults.beforeCommit(({ path }) => {
    const o = deals(house)[0]?.id
    if (path !== 'crm/opportunities' || o === undefined) return
    stop()
    addOnBothSides(house, { mara, w, o })
  })
  const w = createOpportunity(house, { description: 'Larkfield' })
  await until(() => contactsOf(house, w).length > 0)
  await house.settled()
  await assertOneLostAndNamed(house, { mara, w, o: dealIdOf(house, w) ?? 0 })
})

test('in Outreach, and nobody heard the answer before a restart: the role that loses is named', async () => {
  const network = makeUnreliableNetwork()
  await using house = await startHouse({ overrides: { fetch: network.fetch } })
  const mara = await createPersonPair(house, {})
  network.fail({
    on: ({ method, path }) => method === 'POST' && path === '/api/v2/opportunities',
    how: 'reset-after-commit',
  })
  // Fails nothing: once it is made nothing more passes.
  network.fail({
    on: () => {
      if (deals(house).length > 0) network.cut()
      return false
    },
    how: 'empty-list',
  })
  const w = createOpportunity(house, { description: 'Larkfield' })
  await until(() => deals(house).length > 0)
  await house.stop()
  addOnBothSides(house, { mara, w, o: deals(house)[0]?.id ?? 0 })
  network.mend()
  await house.start()
  await house.settled()
  assert.equal(deals(house).length, 1)
  await assertOneLostAndNamed(house, { mara, w, o: dealIdOf(house, w) ?? 0 })
})

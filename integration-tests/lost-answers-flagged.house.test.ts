import assert from 'node:assert/strict'
import { test } from 'vitest'
import { account, createPair, editAccount, editOrganisation, silently } from './records.ts'
import { startHouse } from './start-house.ts'
import { makeUnreliableNetwork, type SeenRequest } from './unreliable-network.ts'

const flag = 'cf_organisation_outreach_sync_error'

test('a PATCH whose answer was lost, and the record is flagged before anybody looks again: what it decided is told once', async () => {
  const network = makeUnreliableNetwork()
  const fields = [{ workbooks: 'industry', outreach: 'industry', onConflict: 'workbooks' }]
  await using house = await startHouse({
    config: { kinds: { organisation: { fields } } },
    overrides: { fetch: network.fetch },
  })
  const { w, o } = await createPair(house, { name: 'Acme' })
  const on = ({ method, path }: SeenRequest) => {
    if (method !== 'PATCH' || !path.startsWith('/api/v2/accounts/')) return false
    silently(house, () => editOrganisation(house, w, { [flag]: true }))
    return true
  }
  network.fail({ on, how: 'reset-after-commit' })
  silently(house, () => editAccount(house, o, { industry: 'Theirs' }))
  editOrganisation(house, w, { industry: 'Ours' })
  await house.settled()

  assert.equal(network.faultsLeft(), 0)
  assert.equal(account(house, o)['industry'], 'Ours')
  const read = async () => {
    const told = await house.outcomes(`workbooks:organisation:${w}`)
    return {
      conflicts: told.flatMap(({ conflicts = [] }) => conflicts),
      updated: told.filter(({ outcome, system }) => outcome === 'updated' && system === 'outreach'),
    }
  }
  const conflict = { field: 'industry', winner: 'workbooks', loser: 'outreach' }
  assert.deepEqual((await read()).conflicts, [{ ...conflict, losingValue: 'Theirs' }])

  // Once a person has reset it nothing is told, or written, again.
  editOrganisation(house, w, { [flag]: false })
  await house.settled()
  const { conflicts, updated } = await read()
  assert.deepEqual([conflicts.length, updated.map(({ fields: of }) => of)], [1, [['industry']]])
})

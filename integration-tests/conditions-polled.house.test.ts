import assert from 'node:assert/strict'
import { test } from 'vitest'
import { foundOn, reconcile, startSilentHouse } from './polling.ts'
import {
  accountsNamed,
  anHourAgo,
  createAccount,
  createOrganisation,
  editOrganisation,
  outreachIdOf,
} from './records.ts'
import type { House } from './start-house.ts'

/** Which of the seed's five conditions a row meets. */
type Meets = readonly [boolean, boolean, boolean, boolean, boolean]

const every = Array.from({ length: 32 }, (_, bits): Meets => {
  const has = (place: number) => (bits & (1 << place)) !== 0
  return [has(0), has(1), has(2), has(3), has(4)]
})

/** `(1 and 2 and 3) and (4 or 5)`, as the seed has it. */
const mustBeFound = ([one, two, three, four, five]: Meets) => one && two && three && (four || five)

const nameOf = (meets: Meets) => `Meets ${meets.map((is, at) => (is ? at + 1 : '-')).join('')}`

function createRow(house: House, meets: Meets): number {
  const [isFlagged, isWithoutError, isNoDuplicate, isIdBlank] = meets
  return createOrganisation(house, {
    name: nameOf(meets),
    cf_organisation_sync_to_outreach: isFlagged,
    cf_organisation_outreach_sync_error: !isWithoutError,
    cf_organisation_outreach_duplicate: !isNoDuplicate,
    ...(isIdBlank ? {} : { cf_organisation_outreach_id: partnerFor(house, meets) }),
  })
}

const partnerFor = (house: House, meets: Meets) =>
  String(createAccount(house, { name: nameOf(meets) }))

async function foundOrganisations(house: House): Promise<readonly number[]> {
  const found = await foundOn(house, 'workbooks.organisation')
  return found.map(({ subject }) => Number(subject)).sort((a, b) => a - b)
}

test('(1 and 2 and 3) and (4 or 5): of rows that meet each of the 32 combinations exactly those are found, once each', async () => {
  await using house = await startSilentHouse()
  await reconcile(house)
  const rows = anHourAgo(house, () =>
    every.map((meets) => ({ meets, id: createRow(house, meets) })),
  )
  for (const { meets, id } of rows) {
    const [, , , , isUpdatedSince] = meets
    if (isUpdatedSince) editOrganisation(house, id, { party_notes: 'Seen at the fair' })
  }
  await reconcile(house)
  const wanted = rows.filter(({ meets }) => mustBeFound(meets))
  assert.equal(wanted.length, 3)
  assert.deepEqual(
    await foundOrganisations(house),
    wanted.map(({ id }) => id),
  )
  for (const { meets, id } of rows) {
    const [, , , isIdBlank] = meets
    if (!isIdBlank) continue
    const isCreated = outreachIdOf(house, id) !== undefined
    assert.equal(isCreated, mustBeFound(meets), nameOf(meets))
  }
})

test('an organisation that is flagged long after its last change is found by its blank Outreach Id', async () => {
  await using house = await startSilentHouse()
  const off = { cf_organisation_sync_to_outreach: false }
  const id = anHourAgo(house, () => createOrganisation(house, { name: 'Acme', ...off }))
  await reconcile(house)
  assert.deepEqual(accountsNamed(house, 'Acme'), [])
  const on = { cf_organisation_sync_to_outreach: true }
  anHourAgo(house, () => editOrganisation(house, id, on))
  await reconcile(house)
  assert.deepEqual(accountsNamed(house, 'Acme'), [outreachIdOf(house, id)])
})

test('a row that meets condition 4 for ever is published again only when it changes', async () => {
  const config = { kinds: { organisation: { createInOutreach: false } } }
  await using house = await startSilentHouse({ config })
  const id = createOrganisation(house, { name: 'Acme' })
  for (let turn = 0; turn < 3; turn += 1) await reconcile(house)
  assert.deepEqual(await foundOrganisations(house), [id])
  editOrganisation(house, id, { industry: 'Retail' })
  for (let turn = 0; turn < 3; turn += 1) await reconcile(house)
  assert.deepEqual(await foundOrganisations(house), [id, id])
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { Conflict } from '../schemas/outcome.ts'
import { until } from './operators.ts'
import {
  account,
  createPair,
  editAccount,
  editOrganisation,
  organisation,
  renameAccount,
  renameOrganisation,
  resetCalls,
  syncByOps,
  writesOf,
} from './records.ts'
import { startHouse, type House } from './start-house.ts'

type Pair = { readonly w: number; readonly o: number }

async function startWith(onConflict: 'workbooks' | 'outreach' | 'latest') {
  const fields = [{ workbooks: 'name', outreach: 'name', onConflict }]
  return startHouse({ config: { kinds: { organisation: { fields } } } })
}

/** Somebody is quicker by a hair: they edit the account after our read, just before our PATCH is done. */
function justBeforeThePatch(house: House, doing: () => void): void {
  const stop = house.outreach.faults.beforeCommit(({ method }) => {
    if (method !== 'PATCH') return
    stop()
    doing()
  })
}

async function conflictsOf(house: House, { o }: Pair): Promise<readonly Conflict[]> {
  const told = await house.outcomes(`outreach:account:${o}`)
  return told.flatMap(({ outcome, conflicts = [] }) => (outcome === 'conflict' ? conflicts : []))
}

function namesOf(house: House, { w, o }: Pair) {
  return [organisation(house, w)['name'], account(house, o)['name']]
}

test("our write's own echo shows whose edit it overwrote: with onConflict workbooks nothing is written, and the outcome names the lost value", async () => {
  await using house = await startWith('workbooks')
  const pair = await createPair(house, { name: 'Acme' })
  resetCalls(house)
  justBeforeThePatch(house, () => renameAccount(house, pair.o, 'Their edit'))
  renameOrganisation(house, pair.w, 'Our edit')
  await house.settled()

  assert.deepEqual(namesOf(house, pair), ['Our edit', 'Our edit'])
  assert.deepEqual(await conflictsOf(house, pair), [
    { field: 'name', winner: 'workbooks', loser: 'outreach', losingValue: 'Their edit' },
  ])
  assert.deepEqual(writesOf(house), { outreach: 1, workbooks: 0 })
})

test('with onConflict outreach the overwritten edit is restored, on both sides, once', async () => {
  await using house = await startWith('outreach')
  const pair = await createPair(house, { name: 'Acme' })
  resetCalls(house)
  justBeforeThePatch(house, () => renameAccount(house, pair.o, 'Their edit'))
  renameOrganisation(house, pair.w, 'Our edit')
  await house.settled()

  assert.deepEqual(namesOf(house, pair), ['Their edit', 'Their edit'])
  assert.deepEqual(await conflictsOf(house, pair), [
    { field: 'name', winner: 'outreach', loser: 'workbooks', losingValue: 'Our edit' },
  ])
  // The restoring write is the one exception to the 1.00.
  assert.deepEqual(writesOf(house), { outreach: 2, workbooks: 1 })
  await syncByOps(house, `workbooks:organisation:${pair.w}`)
  await syncByOps(house, `outreach:account:${pair.o}`)
  assert.deepEqual(writesOf(house), { outreach: 2, workbooks: 1 })
})

test.each([
  { when: 'half a minute before', offsetMs: -30_000, name: 'Their edit', winner: 'outreach' },
  { when: 'half a minute after', offsetMs: 30_000, name: 'Our edit', winner: 'workbooks' },
] as const)(
  'with onConflict latest and the edit in Workbooks made $when the overwritten one, $winner wins',
  async ({ offsetMs, name, winner }) => {
    await using house = await startWith('latest')
    const pair = await createPair(house, { name: 'Acme' })
    justBeforeThePatch(house, () => renameAccount(house, pair.o, 'Their edit'))
    house.workbooks.clock.advance(offsetMs)
    renameOrganisation(house, pair.w, 'Our edit')
    house.workbooks.clock.advance(-offsetMs)
    await house.settled()

    assert.deepEqual(namesOf(house, pair), [name, name])
    const [conflict, ...others] = await conflictsOf(house, pair)
    assert.deepEqual(others, [])
    assert.equal(conflict?.winner, winner)
  },
)

test('an edit of another field just before our PATCH is not overwritten, and crosses', async () => {
  await using house = await startWith('outreach')
  const pair = await createPair(house, { name: 'Acme' })
  resetCalls(house)
  justBeforeThePatch(house, () => editAccount(house, pair.o, { industry: 'Food' }))
  renameOrganisation(house, pair.w, 'Our edit')
  await house.settled()

  assert.deepEqual(namesOf(house, pair), ['Our edit', 'Our edit'])
  assert.equal(organisation(house, pair.w)['industry'], 'Food')
  assert.deepEqual(await conflictsOf(house, pair), [])
  assert.deepEqual(writesOf(house), { outreach: 1, workbooks: 1 })
})

test('an edit that our PATCH cleared is seen too', async () => {
  const fields = [{ workbooks: 'website', outreach: 'websiteUrl', onConflict: 'outreach' }]
  await using house = await startHouse({ config: { kinds: { organisation: { fields } } } })
  const pair = await createPair(house, { name: 'Acme', website: 'https://acme.example' })
  justBeforeThePatch(house, () => editAccount(house, pair.o, { websiteUrl: 'https://new.example' }))
  editOrganisation(house, pair.w, { website: null })
  await house.settled()

  assert.deepEqual(
    [organisation(house, pair.w)['website'], account(house, pair.o)['websiteUrl']],
    ['https://new.example', 'https://new.example'],
  )
  assert.deepEqual(await conflictsOf(house, pair), [
    { field: 'website', winner: 'outreach', loser: 'workbooks', losingValue: null },
  ])
})

type Later = {
  readonly side: string
  readonly edit: (house: House, pair: Pair) => void
  readonly name: string
}

const later: readonly Later[] = [
  { side: 'Workbooks', edit: (house, { w }) => renameOrganisation(house, w, 'Ours'), name: 'Ours' },
  { side: 'Outreach', edit: (house, { o }) => renameAccount(house, o, 'Theirs'), name: 'Theirs' },
]

test.each(later)(
  'restoring happens only while both sides still read what we left: a later edit in $side stands, and the outcome names the lost value',
  async ({ edit, name }) => {
    await using house = await startWith('outreach')
    const pair = await createPair(house, { name: 'Acme' })
    // The echoes are still on their way when somebody edits again.
    house.outreach.webhooks.change({ delayMs: { from: 400, to: 400 } })
    justBeforeThePatch(house, () => renameAccount(house, pair.o, 'Lost edit'))
    renameOrganisation(house, pair.w, 'Our edit')
    await until('our PATCH is done', () => account(house, pair.o)['name'] === 'Our edit')
    edit(house, pair)
    await house.settled()

    assert.deepEqual(namesOf(house, pair), [name, name])
    const lost = (await conflictsOf(house, pair)).map(({ losingValue }) => losingValue)
    assert.deepEqual(lost, ['Lost edit'])
  },
)

test('two writes of ours that leave the same value are no overwritten edit: what a person wrote in between had been carried over', async () => {
  await using house = await startWith('outreach')
  const pair = await createPair(house, { name: 'Acme' })
  for (const round of [1, 2]) {
    renameOrganisation(house, pair.w, 'Ours again')
    await house.settled()
    renameAccount(house, pair.o, `Theirs ${round}`)
    await house.settled()
    assert.deepEqual(namesOf(house, pair), [`Theirs ${round}`, `Theirs ${round}`])
  }
  renameOrganisation(house, pair.w, 'Ours again')
  await house.settled()
  assert.deepEqual(namesOf(house, pair), ['Ours again', 'Ours again'])
  assert.deepEqual(await conflictsOf(house, pair), [])
})

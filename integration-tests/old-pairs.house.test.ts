import assert from 'node:assert/strict'
import { test } from 'vitest'
import {
  account,
  anHourAgo,
  createAccount,
  createOrganisation,
  editAccount,
  editOrganisation,
  newestOutcome,
  onlyOutcome,
  organisation,
  outcomesOf,
  resetCalls,
  silently,
  syncByOps,
  writesOf,
} from './records.ts'
import { startHouse, type House } from './start-house.ts'

const id = 'cf_organisation_outreach_id'

type Pair = { readonly w: number; readonly o: number }

/** A pair that the old plug-in left: linked before we came, name and industry apart, town in Outreach only. */
function makeOldPair(house: House, columns: Readonly<Record<string, unknown>> = {}): Pair {
  return anHourAgo(house, () => {
    const o = createAccount(house, {
      name: 'Acme (Outreach)',
      industry: 'Food',
      websiteUrl: 'https://acme.example',
      locality: 'York',
    })
    const w = createOrganisation(house, {
      name: 'Acme (Workbooks)',
      industry: 'Technology',
      website: 'https://acme.example',
      [id]: String(o),
      ...columns,
    })
    return { w, o }
  })
}

type Seen = {
  readonly name: unknown
  readonly industry: unknown
  readonly website: unknown
  readonly town: unknown
}

function inWorkbooks(house: House, { w }: Pair): Seen {
  const { name, industry, website, 'main_location[town]': town } = organisation(house, w)
  return { name, industry, website, town }
}

function inOutreach(house: House, { o }: Pair): Seen {
  const { name, industry, websiteUrl: website, locality: town } = account(house, o)
  return { name, industry, website, town }
}

const website = 'https://acme.example'

test('met by an event of Outreach before its turn: the fields that it names win, the rest is remembered as it stands', async () => {
  await using house = await startHouse()
  const pair = makeOldPair(house)
  editAccount(house, pair.o, { industry: 'Media & Entertainment' })
  await house.settled()
  assert.deepEqual(inWorkbooks(house, pair), {
    name: 'Acme (Workbooks)',
    industry: 'Media & Entertainment',
    website,
    town: null,
  })
  assert.equal(account(house, pair.o)['name'], 'Acme (Outreach)')
  assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 1 })

  // Only a later edit moves what stands apart, on its side and to the other one.
  resetCalls(house)
  editOrganisation(house, pair.w, { name: 'Acme Ltd' })
  await house.settled()
  editAccount(house, pair.o, { locality: 'Leeds' })
  await house.settled()
  const together = { name: 'Acme Ltd', industry: 'Media & Entertainment', website, town: 'Leeds' }
  assert.deepEqual(inWorkbooks(house, pair), together)
  assert.deepEqual(inOutreach(house, pair), together)
  assert.deepEqual(writesOf(house), { outreach: 1, workbooks: 1 })
  assert.deepEqual(await outcomesOf(house, `workbooks:organisation:${pair.w}`, 'conflict'), [])
})

test('met by an event of Outreach that names no mapped field: nothing is written, everything is remembered as it stands', async () => {
  await using house = await startHouse()
  const pair = makeOldPair(house)
  const before = { workbooks: inWorkbooks(house, pair), outreach: inOutreach(house, pair) }
  editAccount(house, pair.o, { custom9: 'x' })
  await house.settled()
  await syncByOps(house, `outreach:account:${pair.o}`)
  assert.deepEqual(inWorkbooks(house, pair), before.workbooks)
  assert.deepEqual(inOutreach(house, pair), before.outreach)
  assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 0 })
})

test('met by a hint of Workbooks before its turn: onLink decides, and a changed organisation is sent', async () => {
  await using house = await startHouse()
  const pair = makeOldPair(house)
  editOrganisation(house, pair.w, { biography: 'Changed now' })
  await house.settled()
  const together = { name: 'Acme (Workbooks)', industry: 'Technology', website, town: 'York' }
  assert.deepEqual(inWorkbooks(house, pair), together)
  assert.deepEqual(inOutreach(house, pair), together)
  assert.equal(account(house, pair.o)['description'], 'Changed now')
  assert.deepEqual(writesOf(house), { outreach: 1, workbooks: 1 })
})

test('onLink: outreach for a field lets Outreach win where Workbooks tells of the pair', async () => {
  const fields = [{ workbooks: 'name', outreach: 'name', onLink: 'outreach' }]
  await using house = await startHouse({ config: { kinds: { organisation: { fields } } } })
  const pair = makeOldPair(house)
  editOrganisation(house, pair.w, { biography: 'Changed now' })
  await house.settled()
  const together = { name: 'Acme (Outreach)', industry: 'Technology', website, town: 'York' }
  assert.deepEqual(inWorkbooks(house, pair), together)
  assert.deepEqual(inOutreach(house, pair), together)
})

test('what is equal is agreed: a later edit on one side crosses once', async () => {
  await using house = await startHouse()
  const pair = makeOldPair(house)
  editAccount(house, pair.o, { custom9: 'x' })
  await house.settled()
  resetCalls(house)
  editOrganisation(house, pair.w, { website: 'https://acme.example/shop' })
  await house.settled()
  assert.equal(account(house, pair.o)['websiteUrl'], 'https://acme.example/shop')
  assert.deepEqual(writesOf(house), { outreach: 1, workbooks: 0 })
})

test('an old pair that is not eligible is not written, by a hint of either side', async () => {
  await using house = await startHouse()
  const pair = makeOldPair(house, { cf_organisation_sync_to_outreach: false })
  editAccount(house, pair.o, { industry: 'Media & Entertainment' })
  editOrganisation(house, pair.w, { biography: 'Changed now' })
  await house.settled()
  assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 0 })
  const { outcome, condition } = await newestOutcome(house, `workbooks:organisation:${pair.w}`)
  assert.deepEqual({ outcome, condition }, { outcome: 'skipped', condition: 1 })
})

test('a pair that appears later, because a person put the Outreach Id there, is just linked: onLink decides, whoever tells of it', async () => {
  await using house = await startHouse()
  for (const teller of ['workbooks', 'outreach'] as const) {
    const o = anHourAgo(house, () =>
      createAccount(house, { name: 'Acme (Outreach)', locality: 'York' }),
    )
    const link = () => createOrganisation(house, { name: `Acme by ${teller}`, [id]: String(o) })
    if (teller === 'workbooks') link()
    else {
      silently(house, link)
      editAccount(house, o, { locality: 'Leeds' })
    }
    await house.settled()
    assert.equal(account(house, o)['name'], `Acme by ${teller}`)
  }
})

test('an old pair that stands apart costs nothing more: its echoes and repeated requests write nothing', async () => {
  await using house = await startHouse()
  const pair = makeOldPair(house)
  editAccount(house, pair.o, { industry: 'Media & Entertainment' })
  await house.settled()
  resetCalls(house)
  house.outreach.person.touch('account', pair.o)
  await syncByOps(house, `outreach:account:${pair.o}`)
  await house.restart()
  await syncByOps(house, `outreach:account:${pair.o}`)
  assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 0 })
  assert.equal(account(house, pair.o)['name'], 'Acme (Outreach)')
  assert.equal(organisation(house, pair.w)['name'], 'Acme (Workbooks)')
  await onlyOutcome(house, `outreach:account:${pair.o}`, 'updated')
})

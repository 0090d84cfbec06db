import assert from 'node:assert/strict'
import { test } from 'vitest'
import {
  account,
  anHourAgo,
  createAccount,
  createOrganisation,
  editAccount,
  editOrganisation,
  organisation,
  resetCalls,
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

test('first Outreach, then Workbooks: only what a person edits after we met the pair moves, the rest goes on standing apart', async () => {
  await using house = await startHouse()
  const pair = makeOldPair(house)
  editAccount(house, pair.o, { websiteUrl: 'https://acme.example/new' })
  await house.settled()
  resetCalls(house)
  editOrganisation(house, pair.w, { biography: 'Changed afterwards' })
  await house.settled()
  assert.equal(account(house, pair.o)['description'], 'Changed afterwards')
  assert.equal(account(house, pair.o)['name'], 'Acme (Outreach)')
  assert.equal(organisation(house, pair.w)['name'], 'Acme (Workbooks)')
  assert.equal(organisation(house, pair.w)['main_location[town]'], null)
  assert.deepEqual(writesOf(house), { outreach: 1, workbooks: 0 })
})

test('first Workbooks, then Outreach: onLink has decided, and the event of Outreach is an edit like any other', async () => {
  await using house = await startHouse()
  const pair = makeOldPair(house)
  editOrganisation(house, pair.w, { biography: 'Changed now' })
  await house.settled()
  editAccount(house, pair.o, { name: 'Acme plc' })
  await house.settled()
  const together = { name: 'Acme plc', industry: 'Technology', website, town: 'York' }
  assert.deepEqual(inWorkbooks(house, pair), together)
  assert.deepEqual(inOutreach(house, pair), together)
})

test('both sides edited different fields at once: both edits arrive, whichever hint comes first', async () => {
  await using house = await startHouse()
  for (const first of ['workbooks', 'outreach'] as const) {
    const pair = makeOldPair(house)
    const edits = {
      workbooks: () => editOrganisation(house, pair.w, { name: `Name by ${first}` }),
      outreach: () => editAccount(house, pair.o, { industry: 'Professional Services' }),
    }
    edits[first]()
    edits[first === 'workbooks' ? 'outreach' : 'workbooks']()
    await house.settled()
    assert.equal(account(house, pair.o)['name'], `Name by ${first}`)
    assert.equal(organisation(house, pair.w)['name'], `Name by ${first}`)
  }
})

test('the order of hint and read does not matter: a late event of Outreach that names a value standing apart is decided as if it had come first', async () => {
  await using house = await startHouse()
  const pair = makeOldPair(house)
  // The edit itself is announced late: something else makes us read the pair before.
  const delayMs = { from: 400, to: 400 }
  house.outreach.webhooks.change({ delayMs })
  editAccount(house, pair.o, { name: 'Acme Renamed' })
  house.outreach.webhooks.change({ delayMs: { from: 1, to: 5 } })
  const read = await house.ops('POST', '/ops/sync', { record: `outreach:account:${pair.o}` })
  assert.ok(read.ok)
  await house.settled()
  assert.equal(organisation(house, pair.w)['name'], 'Acme Renamed')
  assert.equal(organisation(house, pair.w)['industry'], 'Technology')
  assert.equal(account(house, pair.o)['industry'], 'Food')
})

test('the order of hint and read does not matter: a late hint of an organisation that had changed before we read the pair is decided by onLink', async () => {
  await using house = await startHouse()
  const pair = makeOldPair(house)
  house.workbooks.hooks.setDisorder({ delayMs: [400, 400] })
  editOrganisation(house, pair.w, { name: 'Acme Renamed' })
  house.workbooks.hooks.setDisorder({ delayMs: [0, 5] })
  const read = await house.ops('POST', '/ops/sync', { record: `outreach:account:${pair.o}` })
  assert.ok(read.ok)
  await house.settled()
  assert.equal(account(house, pair.o)['name'], 'Acme Renamed')
  assert.equal(organisation(house, pair.w)['name'], 'Acme Renamed')
})

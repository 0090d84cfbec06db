import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { Conflict } from '../schemas/outcome.ts'
import { pause, resume } from './operators.ts'
import {
  account,
  createPair,
  editAccount,
  editOrganisation,
  organisation,
  renameAccount,
  renameOrganisation,
  resetCalls,
  silently,
  syncByOps,
  writesOf,
} from './records.ts'
import { startHouse, type House } from './start-house.ts'

/** Lets people do something at a second of both systems' clocks, counted from a minute ahead of us. */
function atSecond<Result>(house: House, seconds: number, doing: () => Result): Result {
  const base = Math.floor(Date.now() / 60_000) * 60_000 + 120_000
  for (const { clock } of [house.outreach, house.workbooks]) clock.set(base + seconds * 1000)
  try {
    return doing()
  } finally {
    for (const { clock } of [house.outreach, house.workbooks]) clock.set(Date.now())
  }
}

async function conflictsOf(house: House, record: string): Promise<readonly Conflict[]> {
  const told = await house.outcomes(record)
  return told.flatMap(({ outcome, conflicts = [] }) => (outcome === 'conflict' ? conflicts : []))
}

function namesOf(house: House, { w, o }: { readonly w: number; readonly o: number }) {
  return { workbooks: organisation(house, w)['name'], outreach: account(house, o)['name'] }
}

const bothFields = {
  kinds: {
    organisation: {
      fields: [
        { workbooks: 'website', outreach: 'websiteUrl', onConflict: 'workbooks' },
        { workbooks: 'industry', outreach: 'industry', onConflict: 'outreach' },
      ],
    },
  },
}

test.each([
  { first: 'Workbooks', w: 5, o: 10 },
  { first: 'Outreach', w: 10, o: 5 },
])(
  'both have changed, $first first: onConflict workbooks and outreach decide whatever the times, and the outcome records field, winner, loser and the losing value',
  async ({ w: wAt, o: oAt }) => {
    await using house = await startHouse({ config: bothFields })
    const { w, o } = await createPair(house, { name: 'Acme', website: 'https://a.example' })
    resetCalls(house)
    silently(house, () => {
      const ours = { website: 'https://w.example', industry: 'Food' }
      const theirs = { websiteUrl: 'https://o.example', industry: 'Technology' }
      atSecond(house, wAt, () => editOrganisation(house, w, ours))
      atSecond(house, oAt, () => editAccount(house, o, theirs))
    })
    await syncByOps(house, `workbooks:organisation:${w}`)

    const { website, industry } = organisation(house, w)
    assert.deepEqual([website, industry], ['https://w.example', 'Technology'])
    const { websiteUrl, industry: theirIndustry } = account(house, o)
    assert.deepEqual([websiteUrl, theirIndustry], ['https://w.example', 'Technology'])
    assert.deepEqual(writesOf(house), { outreach: 1, workbooks: 1 })
    const expected = [
      { field: 'industry', winner: 'outreach', loser: 'workbooks', losingValue: 'Food' },
      {
        field: 'website',
        winner: 'workbooks',
        loser: 'outreach',
        losingValue: 'https://o.example',
      },
    ]
    for (const record of [`workbooks:organisation:${w}`, `outreach:account:${o}`]) {
      const found = await conflictsOf(house, record)
      assert.deepEqual(
        found.toSorted((one, two) => one.field.localeCompare(two.field)),
        expected,
      )
    }
  },
)

test('a cleared value is a change like any other: it wins or loses a conflict', async () => {
  await using house = await startHouse({ config: bothFields })
  const before = { name: 'Acme', website: 'https://a.example', industry: 'Food' }
  const { w, o } = await createPair(house, before)
  silently(house, () => {
    editOrganisation(house, w, { website: null, industry: 'Technology' })
    editAccount(house, o, { websiteUrl: 'https://o.example', industry: null })
  })
  await syncByOps(house, `outreach:account:${o}`)

  assert.deepEqual(
    [organisation(house, w)['website'], organisation(house, w)['industry']],
    [null, null],
  )
  assert.deepEqual([account(house, o)['websiteUrl'], account(house, o)['industry']], [null, null])
  const losing = (await conflictsOf(house, `outreach:account:${o}`)).map(
    ({ field, losingValue }) => [field, losingValue],
  )
  assert.deepEqual(Object.fromEntries(losing), {
    website: 'https://o.example',
    industry: 'Technology',
  })
})

test('latest: the later change wins in whole seconds, and a tie goes to Workbooks', async () => {
  await using house = await startHouse()
  // prettier-ignore
  const rows = [
    { w: 5,   o: 7,   winner: 'outreach' },
    { w: 7,   o: 5,   winner: 'workbooks' },
    { w: 5,   o: 5,   winner: 'workbooks' },
    { w: 5.2, o: 5.9, winner: 'workbooks' },
    { w: 5.9, o: 6.1, winner: 'outreach' },
  ] as const
  for (const [index, { w: wAt, o: oAt, winner }] of rows.entries()) {
    const pair = await createPair(house, { name: `Acme ${index}` })
    silently(house, () => {
      atSecond(house, wAt, () => renameOrganisation(house, pair.w, `Ours ${index}`))
      atSecond(house, oAt, () => renameAccount(house, pair.o, `Theirs ${index}`))
    })
    await syncByOps(house, `workbooks:organisation:${pair.w}`)
    const name = winner === 'outreach' ? `Theirs ${index}` : `Ours ${index}`
    const says = `Workbooks at ${wAt} s, Outreach at ${oAt} s`
    assert.deepEqual(namesOf(house, pair), { workbooks: name, outreach: name }, says)
    const losingValue = winner === 'outreach' ? `Ours ${index}` : `Theirs ${index}`
    const loser = winner === 'outreach' ? 'workbooks' : 'outreach'
    const found = await conflictsOf(house, `workbooks:organisation:${pair.w}`)
    assert.deepEqual(found, [{ field: 'name', winner, loser, losingValue }], says)
  }
})

test("latest: the time of a change is the record's updated time in the event which names the field, not that of a later change of another field", async () => {
  await using house = await startHouse()
  const pair = await createPair(house, { name: 'Acme' })
  await pause(house, 'organisation')
  atSecond(house, 5, () => renameAccount(house, pair.o, 'Theirs'))
  silently(house, () => atSecond(house, 10, () => renameOrganisation(house, pair.w, 'Ours')))
  atSecond(house, 20, () => editAccount(house, pair.o, { industry: 'Food' }))
  await house.settled()
  await resume(house, 'organisation')
  await house.settled()

  assert.deepEqual(namesOf(house, pair), { workbooks: 'Ours', outreach: 'Ours' })
  assert.equal(organisation(house, pair.w)['industry'], 'Food')
})

test("latest: no event names the field: the record's updated time when the new value was first read", async () => {
  await using house = await startHouse()
  const pair = await createPair(house, { name: 'Acme' })
  silently(house, () => {
    atSecond(house, 5, () => renameAccount(house, pair.o, 'Theirs'))
    atSecond(house, 10, () => renameOrganisation(house, pair.w, 'Ours'))
    atSecond(house, 20, () => editAccount(house, pair.o, { industry: 'Food' }))
  })
  await syncByOps(house, `outreach:account:${pair.o}`)
  assert.deepEqual(namesOf(house, pair), { workbooks: 'Theirs', outreach: 'Theirs' })
})

test.each([{ first: 'Outreach' }, { first: 'Workbooks' }])(
  'latest: hints of both sides that waited together, the one of $first first, are decided by the times that their events tell',
  async ({ first }) => {
    await using house = await startHouse()
    const pair = await createPair(house, { name: 'Acme' })
    await pause(house, 'organisation')
    const ours = async () => {
      atSecond(house, 10, () => renameOrganisation(house, pair.w, 'Ours'))
      await house.settled()
    }
    if (first === 'Workbooks') await ours()
    atSecond(house, 5, () => renameAccount(house, pair.o, 'Theirs'))
    atSecond(house, 20, () => editAccount(house, pair.o, { industry: 'Food' }))
    await house.settled()
    if (first === 'Outreach') await ours()
    await resume(house, 'organisation')
    await house.settled()

    assert.deepEqual(namesOf(house, pair), { workbooks: 'Ours', outreach: 'Ours' })
    assert.equal(organisation(house, pair.w)['industry'], 'Food')
  },
)

test('latest: a time that our own write made does not count', async () => {
  const second = Math.floor(Date.now() / 1000) * 1000
  // Outreach's clock stands still.
  await using house = await startHouse({ outreach: { now: () => second } })
  const pair = await createPair(house, { name: 'Acme' })
  silently(house, () => {
    house.workbooks.clock.set(second - 30_000)
    renameOrganisation(house, pair.w, 'Ours')
    house.workbooks.clock.set(Date.now())
    // In the second of our own write: the record's updated time says nothing about the person.
    renameAccount(house, pair.o, 'Theirs')
  })
  await syncByOps(house, `outreach:account:${pair.o}`)
  assert.deepEqual(namesOf(house, pair), { workbooks: 'Ours', outreach: 'Ours' })
})

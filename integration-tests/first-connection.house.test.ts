import assert from 'node:assert/strict'
import { test } from 'vitest'
import { until } from './operators.ts'
import { createPerson, createProspect, person, prospect } from './people.ts'
import {
  account,
  anHourAgo,
  createAccount,
  createOrganisation,
  editAccount,
  editOrganisation,
  organisation,
  outcomesOf,
  resetCalls,
  silently,
  writesOf,
  type Systems,
} from './records.ts'
import { startHouse, type House } from './start-house.ts'

const id = 'cf_organisation_outreach_id'

type Columns = Readonly<Record<string, unknown>>

/** A pair that the old plug-in left, apart in its industry. */
function makeOldPair(systems: Systems, columns: Columns = {}): { w: number; o: number } {
  return anHourAgo(systems, () => {
    const o = createAccount(systems, { name: 'Acme', industry: 'Food' })
    const w = createOrganisation(systems, {
      ...{ name: 'Acme', industry: 'Technology' },
      ...{ [id]: String(o), ...columns },
    })
    return { w, o }
  })
}

/** A house on a connection that is older than the product. */
async function startAfter<Made>(make: (systems: Systems) => Made): Promise<[House, Made]> {
  const made: Made[] = []
  const house = await startHouse({ before: (systems) => void made.push(make(systems)) })
  await house.settled()
  const [first] = made
  assert.ok(first !== undefined)
  return [house, first]
}

type KindStatus = { kind: string; pairs: number; standingApart: number }

async function kindStatus(house: House, kind: string): Promise<KindStatus> {
  const response = await house.ops('GET', '/ops/status')
  // Our own answer, in the form of product 6.
  const { kinds } = (await response.json()) as { kinds: KindStatus[] }
  const found = kinds.find((each) => each.kind === kind)
  assert.ok(found)
  return found
}

const seen = (house: House, { w, o }: { w: number; o: number }) => [
  organisation(house, w)['industry'],
  account(house, o)['industry'],
]

test('pairs that were linked before are read once: what differs is remembered as it stands, and counted', async () => {
  const [started, pair] = await startAfter((systems) => makeOldPair(systems))
  await using house = started
  assert.deepEqual(seen(house, pair), ['Technology', 'Food'])
  assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 0 })
  const { pairs, standingApart } = await kindStatus(house, 'organisation')
  assert.deepEqual({ pairs, standingApart }, { pairs: 1, standingApart: 1 })

  // Only a later edit moves it.
  editAccount(house, pair.o, { industry: 'Media & Entertainment' })
  await house.settled()
  assert.deepEqual(seen(house, pair), ['Media & Entertainment', 'Media & Entertainment'])
  assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 1 })
})

test('what is equal is agreed: an edit on either side crosses once', async () => {
  const [started, pair] = await startAfter((systems) => makeOldPair(systems, { industry: 'Food' }))
  await using house = started
  assert.equal((await kindStatus(house, 'organisation')).standingApart, 0)
  editOrganisation(house, pair.w, { industry: 'Technology' })
  await house.settled()
  assert.deepEqual(seen(house, pair), ['Technology', 'Technology'])
  assert.deepEqual(writesOf(house), { outreach: 1, workbooks: 0 })
})

test('the bulk read comes first, then a hint that names the value as it stood: it is decided as the hint alone would', async () => {
  const [started, pair] = await startAfter((systems) => makeOldPair(systems))
  await using house = started
  silently(house, () => editAccount(house, pair.o, { industry: 'Technology' }))
  editAccount(house, pair.o, { industry: 'Food' })
  await house.settled()
  assert.deepEqual(seen(house, pair), ['Food', 'Food'])
})

test('it is done once: a second start asks for nothing', async () => {
  const [started, pair] = await startAfter((systems) => makeOldPair(systems))
  await using house = started
  const before = await house.outcomes(`workbooks:organisation:${pair.w}`)
  await house.restart()
  await house.settled()
  assert.deepEqual(await house.outcomes(`workbooks:organisation:${pair.w}`), before)
  assert.equal(before.length, 1)
})

test('many pairs are read in few calls of each system', async () => {
  const many = Array.from({ length: 250 }, (_, index) => index)
  const [started] = await startAfter((systems) =>
    many.map((index) => makeOldPair(systems, { name: `Acme ${index}` })),
  )
  await using house = started
  await house.settled()
  const calls = house.outreach.calls.counts()
  const reads = Object.entries(calls).filter(([what]) => /^GET .*account/.test(what))
  const sum = reads.reduce((total, [, count]) => total + count, 0)
  // Over several consumers each reads what it was handed, in smaller lots.
  const lots = house.consumers === 1 ? 1 : 6
  assert.ok(sum <= 12 * lots, `250 pairs took ${sum} calls of Outreach: ${JSON.stringify(reads)}`)
  const ofWorkbooks = house.workbooks.calls.counts()['read crm/organisations'] ?? 0
  assert.ok(ofWorkbooks <= 30 * lots, `250 pairs took ${ofWorkbooks} calls of Workbooks`)
  assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 0 })
  assert.equal((await kindStatus(house, 'organisation')).pairs, 250)
})

test('flags hold nobody back from being met, and nothing is written to whoever is not eligible', async () => {
  const [started, pair] = await startAfter((systems) =>
    makeOldPair(systems, { cf_organisation_outreach_sync_error: true }),
  )
  await using house = started
  assert.equal((await kindStatus(house, 'organisation')).pairs, 1)
  assert.deepEqual(seen(house, pair), ['Technology', 'Food'])
  assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 0 })
  resetCalls(house)
  editOrganisation(house, pair.w, { cf_organisation_outreach_sync_error: false })
  await house.settled()
  assert.deepEqual(await outcomesOf(house, `workbooks:organisation:${pair.w}`, 'failed'), [])
})

test('an opt-out does not stand apart: it crosses at once, whatever the flags say', async () => {
  const [started, pair] = await startAfter((systems) =>
    anHourAgo(systems, () => {
      const attributes = { emails: ['mara.quill@acme.example'], optedOut: true }
      const o = createProspect(systems, { attributes })
      const w = createPerson(systems, {
        'main_location[email]': 'mara.quill@acme.example',
        cf_person_outreach_id: String(o),
        cf_person_outreach_sync_error: true,
      })
      return { w, o }
    }),
  )
  await using house = started
  await until('the opt-out has crossed', () => {
    return person(house, pair.w)['no_email_soliciting'] === true
  }).catch(async (error: unknown) => {
    const told = JSON.stringify(await house.outcomes(`workbooks:person:${pair.w}`))
    throw new Error(`what was told instead: ${told}`, { cause: error })
  })
  assert.equal(prospect(house, pair.o)['optedOut'], true)
})

test('old accounts without a partner are left alone', async () => {
  const [started, o] = await startAfter((systems) =>
    anHourAgo(systems, () => createAccount(systems, { name: 'Old and unlinked' })),
  )
  await using house = started
  assert.deepEqual(await house.outcomes(`outreach:account:${o}`), [])
  assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 0 })
})

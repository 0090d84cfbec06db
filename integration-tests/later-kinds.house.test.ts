import assert from 'node:assert/strict'
import { test, vi } from 'vitest'
import { reconcile } from './polling.ts'
import {
  account,
  anHourAgo,
  createAccount,
  createOrganisation,
  editOrganisation,
  organisation,
  organisations,
  outcomesOf,
  silently,
  until,
  writesOf,
  type Systems,
} from './records.ts'
import { startHouse, type House, type HouseOptions } from './start-house.ts'

type Pair = { readonly w: number; readonly o: number }

/** A pair that the old plug-in left, apart in its industry. */
function makePair(systems: Systems): Pair {
  const o = createAccount(systems, { name: 'Acme', industry: 'Food' })
  const w = createOrganisation(systems, {
    ...{ name: 'Acme', industry: 'Technology' },
    cf_organisation_outreach_id: String(o),
  })
  return { w, o }
}

/** Until the second is over in both systems: their times are no finer. */
async function untilNextSecond({ outreach, workbooks }: House): Promise<void> {
  const seconds = () => [outreach, workbooks].map(({ clock }) => Math.floor(clock.now() / 1_000))
  const began = seconds()
  await until(() => seconds().every((now, index) => now > (began[index] ?? 0)))
}

/** Whether the old pairs of organisations have been read in bulk. */
async function isConnected(house: House): Promise<boolean> {
  const response = await house.ops('GET', '/ops/status')
  // Our own answer, in the form of product 6.
  const { backfills } = (await response.json()) as { backfills: { id: string; state: string }[] }
  return backfills.some(
    ({ id, state }) => id === 'first-connection-organisation' && state === 'done',
  )
}

/** A house with organisations off, and the means to switch them on. */
async function startWithout(options: Pick<HouseOptions, 'before'> = {}) {
  const organisationConfig = { enabled: false }
  const config = { kinds: { organisation: organisationConfig } }
  const house = await startHouse({ ...options, config })
  await house.settled()
  const switchOn = async () => {
    await untilNextSecond(house)
    await house.stop()
    organisationConfig.enabled = true
    await untilNextSecond(house)
    await house.start()
    await vi.waitFor(async () => assert.ok(await isConnected(house)), { timeout: 30_000 })
    await house.settled()
    await untilNextSecond(house)
  }
  return { house, switchOn }
}

test('a kind that is switched on later: pairs that were edited while it was off stand as they are', async () => {
  const made: Pair[] = []
  const before = (systems: Systems) => void made.push(anHourAgo(systems, () => makePair(systems)))
  const { house: started, switchOn } = await startWithout({ before })
  await using house = started
  const [pair] = made
  assert.ok(pair)
  await untilNextSecond(house)
  silently(house, () => editOrganisation(house, pair.w, { 'main_location[town]': 'Leeds' }))
  await switchOn()
  const outcomes = await outcomesOf(house, `workbooks:organisation:${pair.w}`, 'unchanged')
  assert.equal(outcomes.length, 1)
  assert.equal(account(house, pair.o)['industry'], 'Food')
  assert.equal(organisation(house, pair.w)['industry'], 'Technology')
  assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 0 })
})

const clocks = [
  { says: 'Outreach is ten minutes behind', outreach: -600_000, workbooks: 0 },
  { says: 'Workbooks is ten minutes ahead', outreach: 0, workbooks: 600_000 },
  { says: 'Workbooks is ten minutes behind', outreach: 0, workbooks: -600_000 },
]

test.each(clocks)(
  'a kind is switched on by the clock of each system: $says',
  async ({ outreach, workbooks }) => {
    const made: Pair[] = []
    const { house: started, switchOn } = await startWithout({
      before: (systems) => {
        systems.outreach.clock.advance(outreach)
        systems.workbooks.clock.advance(workbooks)
        made.push(silently(systems, () => makePair(systems)))
      },
    })
    await using house = started
    const [pair] = made
    assert.ok(pair)
    await switchOn()
    assert.equal(account(house, pair.o)['industry'], 'Food')
    silently(house, () => {
      createAccount(house, { name: 'New there' })
      createOrganisation(house, { name: 'New here' })
    })
    await reconcile(house)
    assert.deepEqual(
      organisations(house)
        .map(({ name }) => name)
        .sort(),
      ['Acme', 'New here', 'New there'],
    )
    assert.equal(account(house, pair.o)['industry'], 'Food')
  },
)

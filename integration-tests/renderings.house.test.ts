import assert from 'node:assert/strict'
import { test } from 'vitest'
import {
  account,
  createAccount,
  createPair,
  editAccount,
  editOrganisation,
  organisation,
  organisations,
  resetCalls,
  syncByOps,
  writesOf,
} from './records.ts'
import { startHouse, type House } from './start-house.ts'

const cutAt = 40

/** Outreach folds blanks and cuts descriptions; Workbooks makes web addresses whole and cuts towns. */
const renderings = {
  outreach: {
    rules: {
      rendersText: (name: string, text: string) =>
        name === 'description' ? text.replace(/\s+/g, ' ').trim().slice(0, cutAt) : text,
    },
  },
  workbooks: {
    behaviour: {
      rendersText: (column: string, text: string) => {
        if (column === 'website' && text !== '')
          return `https://${text.replace(/^https?:\/\//, '')}`
        return column === 'main_location[town]' ? text.trim().slice(0, cutAt) : text
      },
    },
  },
} as const

const long = 'They make  instruments for people who measure things that others overlook.'
const cut = 'They make instruments for people who mea'

async function assertCalm(house: House, { w, o }: { readonly w: number; readonly o: number }) {
  resetCalls(house)
  await syncByOps(house, `workbooks:organisation:${w}`)
  await syncByOps(house, `outreach:account:${o}`)
  assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 0 })
}

async function assertNoConflict(house: House, w: number): Promise<void> {
  const told = await house.outcomes(`workbooks:organisation:${w}`)
  assert.deepEqual(
    told.filter(({ outcome }) => outcome === 'conflict'),
    [],
  )
}

test('what Outreach rewrote at a create is its rendering of ours and does not come back as a change', async () => {
  await using house = await startHouse(renderings)
  const { w, o } = await createPair(house, { name: 'Acme', biography: long })
  await house.settled()
  assert.equal(account(house, o)['description'], cut)
  assert.equal(organisation(house, w)['biography'], long)
  await assertCalm(house, { w, o })
})

test('what Outreach rewrote at an update does not flap, and each side’s next edit crosses whole', async () => {
  await using house = await startHouse(renderings)
  const { w, o } = await createPair(house, { name: 'Acme' })
  resetCalls(house)
  editOrganisation(house, w, { biography: long })
  await house.settled()
  assert.deepEqual(writesOf(house), { outreach: 1, workbooks: 0 })
  assert.equal(account(house, o)['description'], cut)
  await assertCalm(house, { w, o })

  // An edit of another field in Outreach carries nothing of the rendering with it.
  editAccount(house, o, { industry: 'Technology' })
  await house.settled()
  assert.equal(organisation(house, w)['biography'], long)
  assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 1 })

  editAccount(house, o, { description: 'Short.' })
  await house.settled()
  assert.equal(organisation(house, w)['biography'], 'Short.')

  editOrganisation(house, w, { biography: `${long} Still.` })
  await house.settled()
  assert.equal(account(house, o)['description'], cut)
  assert.equal(organisation(house, w)['biography'], `${long} Still.`)
  await assertNoConflict(house, w)
})

test('what Workbooks rewrote, at a create and at an update, does not come back as a change', async () => {
  await using house = await startHouse(renderings)
  const attributes = { name: 'Acme', websiteUrl: 'acme.example', locality: 'Long'.repeat(15) }
  const o = createAccount(house, attributes)
  await house.settled()
  const w = Number(organisations(house)[0]?.['id'])
  assert.equal(organisation(house, w)['website'], 'https://acme.example')
  assert.equal(account(house, o)['websiteUrl'], 'acme.example')
  await assertCalm(house, { w, o })

  editAccount(house, o, { websiteUrl: 'new.example' })
  await house.settled()
  assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 1 })
  assert.equal(organisation(house, w)['website'], 'https://new.example')
  assert.equal(account(house, o)['websiteUrl'], 'new.example')
  await assertCalm(house, { w, o })

  editOrganisation(house, w, { industry: 'Food' })
  await house.settled()
  assert.equal(account(house, o)['websiteUrl'], 'new.example')
  assert.equal(account(house, o)['locality'], 'Long'.repeat(15))
  assert.deepEqual(writesOf(house), { outreach: 1, workbooks: 0 })
})

test.each(['reset-after-commit', 'half-reply'] as const)(
  'an answer of Outreach that was lost (%s) makes no conflict of a rendering, and no second write',
  async (how) => {
    await using house = await startHouse(renderings)
    const { w, o } = await createPair(house, { name: 'Acme' })
    resetCalls(house)
    house.outreach.faults.failNext({ method: 'PATCH', how })
    editOrganisation(house, w, { biography: long, industry: 'Food' })
    await house.settled()

    assert.equal(account(house, o)['description'], cut)
    assert.equal(organisation(house, w)['biography'], long)
    assert.deepEqual(writesOf(house), { outreach: 1, workbooks: 0 })
    await assertNoConflict(house, w)
    const told = await house.outcomes(`workbooks:organisation:${w}`)
    assert.ok(
      told.some(({ outcome, system }) => outcome === 'updated' && system === 'outreach'),
      'what arrived is told',
    )
    await assertCalm(house, { w, o })
  },
)

test('an answer of Workbooks that was lost makes no conflict of a rendering, and no second write', async () => {
  await using house = await startHouse(renderings)
  const { w, o } = await createPair(house, { name: 'Acme' })
  resetCalls(house)
  const path = 'crm/organisations'
  house.workbooks.faults.failNext({ path, write: true, how: 'reset-after-commit' })
  editAccount(house, o, { websiteUrl: 'new.example' })
  await house.settled()

  assert.equal(organisation(house, w)['website'], 'https://new.example')
  assert.equal(account(house, o)['websiteUrl'], 'new.example')
  assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 1 })
  await assertNoConflict(house, w)
  await assertCalm(house, { w, o })
})

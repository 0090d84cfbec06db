import assert from 'node:assert/strict'
import { test } from 'vitest'
import {
  account,
  accountsNamed,
  createAccount,
  createOrganisation,
  editOrganisation,
  onlyOutcome,
  organisation,
  organisations,
  outreachIdOf,
  renameOrganisation,
  resetCalls,
  silently,
  writesOf,
} from './records.ts'
import { startHouse, type House } from './start-house.ts'

const flag = 'cf_organisation_outreach_duplicate'
const outreachId = 'cf_organisation_outreach_id'

const isFlagged = (house: House, w: number) => organisation(house, w)[flag] === true

/** An account that Workbooks never heard of. */
const strangeAccount = (house: House, attributes: Readonly<Record<string, unknown>>) =>
  silently(house, () => createAccount(house, attributes))

const accountCount = (house: House) => house.outreach.person.list('account').length

async function assertDuplicateOf(house: House, w: number, found: readonly number[]): Promise<void> {
  const { reason } = await onlyOutcome(house, `workbooks:organisation:${w}`, 'duplicate')
  for (const o of found) assert.match(reason ?? '', new RegExp(`outreach:account:${o}\\b`))
  assert.ok(isFlagged(house, w), `organisation ${w} is not flagged`)
  assert.equal(outreachIdOf(house, w), undefined)
}

test('a person resolves it by clearing the flag and putting the Outreach Id there: the records are linked, section 8 decides the fields', async () => {
  await using house = await startHouse()
  const o = strangeAccount(house, { name: 'Acme', industry: 'Food', locality: 'York' })
  const w = createOrganisation(house, {
    name: 'Acme',
    industry: 'Technology',
    website: 'https://a.example',
  })
  await house.settled()
  await assertDuplicateOf(house, w, [o])
  resetCalls(house)

  editOrganisation(house, w, { [flag]: false, [outreachId]: String(o) })
  await house.settled()
  // A blank side takes the other's value; of two values the one of Workbooks (onLink) stays.
  const { industry, locality, websiteUrl, customId } = account(house, o)
  assert.deepEqual(
    { industry, locality, websiteUrl },
    { industry: 'Technology', locality: 'York', websiteUrl: 'https://a.example' },
  )
  assert.equal(organisation(house, w)['main_location[town]'], 'York')
  // Our reference is written only when we create the record.
  assert.equal(customId, null)
  assert.equal(accountCount(house), 1)
  assert.equal(writesOf(house).outreach, 1)
})

test('several matches are all named, and always flagged', async () => {
  await using house = await startHouse({
    config: { kinds: { organisation: { matching: 'link' } } },
  })
  const found = [
    strangeAccount(house, { name: 'Acme' }),
    strangeAccount(house, { name: 'Acme', named: false }),
    strangeAccount(house, { name: 'Acme' }),
  ]
  const w = createOrganisation(house, { name: 'Acme' })
  await house.settled()
  await assertDuplicateOf(house, w, found)
  assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 1 })
})

test('or by clearing the flag after changing the name so that nothing matches any more', async () => {
  await using house = await startHouse()
  const o = strangeAccount(house, { name: 'Acme' })
  const w = createOrganisation(house, { name: 'Acme' })
  await house.settled()
  renameOrganisation(house, w, 'Acme of York')
  await house.settled()
  assert.equal(outreachIdOf(house, w), undefined)

  editOrganisation(house, w, { [flag]: false })
  await house.settled()
  assert.deepEqual(accountsNamed(house, 'Acme of York'), [outreachIdOf(house, w)])
  assert.equal(account(house, o)['name'], 'Acme')
})

test('a flag that is cleared while the match stands is set again', async () => {
  await using house = await startHouse()
  strangeAccount(house, { name: 'Acme' })
  const w = createOrganisation(house, { name: 'Acme' })
  await house.settled()
  editOrganisation(house, w, { [flag]: false })
  await house.settled()
  assert.ok(isFlagged(house, w))
  assert.equal(accountCount(house), 1)
})

test('matching: link links a single match at once, and no match that has a partner', async () => {
  await using house = await startHouse({
    config: { kinds: { organisation: { matching: 'link' } } },
  })
  const o = strangeAccount(house, { name: 'Acme', locality: 'York', customId: 'CUST-1' })
  const w = createOrganisation(house, { name: 'Acme', website: 'https://acme.example' })
  await house.settled()
  assert.equal(outreachIdOf(house, w), o)
  assert.equal(isFlagged(house, w), false)
  assert.equal(organisation(house, w)['main_location[town]'], 'York')
  assert.equal(account(house, o)['websiteUrl'], 'https://acme.example')
  assert.equal(account(house, o)['customId'], 'CUST-1')

  const second = createOrganisation(house, { name: 'Acme' })
  await house.settled()
  await assertDuplicateOf(house, second, [o])
  assert.equal(outreachIdOf(house, w), o)
  assert.equal(accountCount(house), 1)
})

test('matching: link in the other direction links a single eligible organisation at once', async () => {
  await using house = await startHouse({
    config: { kinds: { organisation: { matching: 'link' } } },
  })
  const w = silently(house, () => createOrganisation(house, { name: 'Acme' }))
  const o = createAccount(house, { name: 'acme', locality: 'York' })
  await house.settled()
  assert.equal(outreachIdOf(house, w), o)
  assert.equal(organisation(house, w)['main_location[town]'], 'York')
  assert.equal(organisations(house).length, 1)
})

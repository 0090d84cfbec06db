import assert from 'node:assert/strict'
import { test } from 'vitest'
import {
  account,
  accountsNamed,
  createAccount,
  createOrganisation,
  createPair,
  editOrganisation,
  newestOutcome,
  onlyOutcome,
  organisation,
  organisations,
  outreachIdOf,
  resetCalls,
  silently,
  writesOf,
} from './records.ts'
import { startHouse, type House } from './start-house.ts'

const flag = 'cf_organisation_outreach_duplicate'

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

const sameNames = [
  { inWorkbooks: 'ACME Ltd', inOutreach: 'Acme LTD' },
  { inWorkbooks: '  Borealis ', inOutreach: 'Borealis' },
  { inWorkbooks: 'Cygnus', inOutreach: ' Cygnus  ' },
  { inWorkbooks: 'MÜLLER & SÖHNE', inOutreach: 'Müller & Söhne' },
  { inWorkbooks: 'ΑΘΗΝΑ Москва', inOutreach: 'αθηνα москва' },
]

test.each([true, false])(
  'an account of the same name (named: %s) makes the organisation a duplicate: flagged, named in the outcome, nothing created',
  async (named) => {
    await using house = await startHouse()
    const o = strangeAccount(house, { name: 'Acme', named })
    const w = createOrganisation(house, { name: 'Acme' })
    await house.settled()
    await assertDuplicateOf(house, w, [o])
    assert.equal(accountCount(house), 1)
    assert.equal(account(house, o)['customId'], null)
    assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 1 })

    // Excluded until a person resolves it.
    resetCalls(house)
    editOrganisation(house, w, { website: 'https://acme.example' })
    await house.settled()
    const { outcome, condition } = await newestOutcome(house, `workbooks:organisation:${w}`)
    assert.deepEqual({ outcome, condition }, { outcome: 'skipped', condition: 3 })
    assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 0 })
  },
)

test('names are equal when trimmed and with case ignored, wherever the search finds them', async () => {
  await using house = await startHouse({ outreach: { rules: { filtersIgnoreCase: true } } })
  const known = sameNames.map((row) => ({
    ...row,
    o: strangeAccount(house, { name: row.inOutreach }),
  }))
  const made = known.map((row) => ({
    ...row,
    w: createOrganisation(house, { name: row.inWorkbooks }),
  }))
  await house.settled()
  for (const { w, o } of made) await assertDuplicateOf(house, w, [o])
  assert.equal(accountCount(house), sameNames.length)
})

test('a search asks for the name in NFC and NFD as well, so an exact search finds either spelling', async () => {
  await using house = await startHouse()
  const composed = 'Café Zoë'.normalize('NFC')
  const decomposed = 'Brûlerie Ångström'.normalize('NFD')
  const found = [composed, decomposed].map((name) => strangeAccount(house, { name }))
  const made = [
    createOrganisation(house, { name: composed.normalize('NFD') }),
    createOrganisation(house, { name: decomposed.normalize('NFC') }),
  ]
  await house.settled()
  for (const [at, w] of made.entries()) await assertDuplicateOf(house, w, [found[at] ?? 0])
  assert.equal(accountCount(house), 2)
})

test('an accent is no matter of case: Cafe is not Café', async () => {
  await using house = await startHouse({ workbooks: { behaviour: { foldAccents: true } } })
  strangeAccount(house, { name: 'Café' })
  const w = createOrganisation(house, { name: 'Cafe' })
  const other = createOrganisation(house, { name: 'Resumé' })
  await house.settled()
  createAccount(house, { name: 'Resume' })
  await house.settled()
  assert.ok(outreachIdOf(house, w) !== undefined)
  assert.equal(isFlagged(house, other), false)
  assert.equal(organisations(house).filter(({ name }) => name === 'Resume').length, 1)
})

const difficultNames = [
  'Smith, Jones & Co., Inc.',
  'A,B',
  ',',
  '"Acme"',
  "O'Neil's",
  'A..B',
  '2..3',
  '2020-01-01..2021-01-01',
  '..',
  'neginf..inf',
  'Fish & Chips?x=1#top',
  '50%+tax=%20%2C',
  'C:\\Temp\\, and more',
  'back\\slash\\',
  '[brackets][]',
  '{"json":[1,2]}',
  '🐦 Birds 👩‍👩‍👧 e̋',
  '1',
  'true',
  'null',
  '中文 العربية',
  'tab\there',
  '*',
  '<b>&amp;</b>',
  'x'.repeat(255),
  'é'.repeat(255),
]

test('difficult names are found as they are, and nothing else is: one account each, however often it is met', async () => {
  await using house = await startHouse()
  const known = difficultNames.map((name) => ({ name, o: strangeAccount(house, { name }) }))
  const flagged = known.map((one) => ({ ...one, w: createOrganisation(house, { name: one.name }) }))
  await house.settled()
  for (const { w, o } of flagged) await assertDuplicateOf(house, w, [o])
  assert.equal(accountCount(house), difficultNames.length)
})

test('difficult names are created where no such account exists, and come back as the same organisation', async () => {
  await using house = await startHouse()
  const made = difficultNames.map((name) => ({ name, w: createOrganisation(house, { name }) }))
  await house.settled()
  for (const { name, w } of made) {
    assert.deepEqual(accountsNamed(house, name), [outreachIdOf(house, w)], name)
  }
  assert.equal(organisations(house).length, difficultNames.length)

  // And in the other direction: an account of the same name finds the linked organisation.
  for (const name of difficultNames) createAccount(house, { name })
  await house.settled()
  assert.deepEqual(
    organisations(house).map(({ name }) => name),
    difficultNames,
  )
})

test('an account with a partner is a duplicate as well: the other organisation keeps it', async () => {
  await using house = await startHouse()
  const { w, o } = await createPair(house, { name: 'Acme' })
  const second = createOrganisation(house, { name: 'Acme' })
  await house.settled()
  await assertDuplicateOf(house, second, [o])
  assert.equal(outreachIdOf(house, w), o)
  assert.equal(isFlagged(house, w), false)
})

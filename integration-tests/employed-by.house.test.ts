import assert from 'node:assert/strict'
import { test } from 'vitest'
import {
  accountIdOf,
  accountOf,
  createPerson,
  createPersonPair,
  createProspect,
  editPerson,
  employerOf,
  moveProspect,
  people,
  person,
  personWritesOf,
  prospect,
  prospectIdOf,
  prospects,
  type Pair,
} from './people.ts'
import {
  accountsNamed,
  createAccount,
  createOrganisation,
  createPair,
  editOrganisation,
  newestOutcome,
  organisations,
  outcomesOf,
  resetCalls,
  silently,
  syncByOps,
  until,
} from './records.ts'
import { startHouse, type House } from './start-house.ts'

const unasked = { cf_organisation_sync_to_outreach: false }

/** An organisation of this name, linked; its id and its account's. */
function link(house: House, name: string): Promise<Pair> {
  return createPair(house, { name })
}

/** Two linked organisations, and a linked person in the first. */
async function moveHouse(house: House) {
  const acme = await link(house, 'Acme')
  const borealis = await link(house, 'Borealis')
  const mara = await createPersonPair(house, { employer_link: acme.w })
  resetCalls(house)
  return { acme, borealis, mara }
}

test('"a person was synchronised whose employer is linked": the prospect is created in that account, in one call', async () => {
  await using house = await startHouse()
  const acme = await link(house, 'Acme')
  resetCalls(house)
  const mara = await createPersonPair(house, { employer_link: acme.w })
  assert.equal(accountOf(house, mara.o), acme.o)
  assert.deepEqual(personWritesOf(house), { outreach: 1, workbooks: 1 })
  const created = (await outcomesOf(house, `workbooks:person:${mara.w}`, 'created'))[0]
  assert.ok(created?.fields.includes('employer_link'))
})

test('"an organisation was synchronised": every linked person who is employed by it gets its account, each by one PATCH', async () => {
  await using house = await startHouse()
  const acme = createOrganisation(house, { name: 'Acme', ...unasked })
  const staff = [0, 1, 2].map((at) =>
    createPerson(house, { employer_link: acme, website: `${at}` }),
  )
  const other = createPerson(house, {})
  await house.settled()
  assert.deepEqual(
    [...staff, other].map((w) => accountOf(house, prospectIdOf(house, w) ?? 0)),
    [null, null, null, null],
  )
  resetCalls(house)
  editOrganisation(house, acme, { cf_organisation_sync_to_outreach: true })
  await house.settled()
  const account = accountIdOf(house, acme)
  assert.deepEqual(
    [...staff, other].map((w) => accountOf(house, prospectIdOf(house, w) ?? 0)),
    [account, account, account, null],
  )
  assert.deepEqual(personWritesOf(house), { outreach: 3, workbooks: 0 })
})

test('person first or organisation first, together or apart: either order ends the same', async () => {
  await using house = await startHouse()
  const [first] = [house.workbooks.person.upcomingId('organisations')]
  const acme = createOrganisation(house, { name: 'Acme' })
  assert.equal(acme, first)
  const together = createPerson(house, { employer_link: acme })
  await house.settled()
  const later = createPerson(house, { employer_link: acme })
  const borealis = createOrganisation(house, { name: 'Borealis', ...unasked })
  const before = createPerson(house, { employer_link: borealis })
  await house.settled()
  editOrganisation(house, borealis, { cf_organisation_sync_to_outreach: true })
  await house.settled()
  const accounts = [together, later, before].map((w) =>
    accountOf(house, prospectIdOf(house, w) ?? 0),
  )
  const [ofAcme, ofBorealis] = [accountIdOf(house, acme), accountIdOf(house, borealis)]
  assert.deepEqual(accounts, [ofAcme, ofAcme, ofBorealis])
})

test('"the employer changed / was cleared": the account follows / is cleared, one write each, and the outcome names it', async () => {
  await using house = await startHouse()
  const { borealis, mara } = await moveHouse(house)
  editPerson(house, mara.w, { employer_link: borealis.w })
  await house.settled()
  assert.equal(accountOf(house, mara.o), borealis.o)
  const [told] = await outcomesOf(house, `workbooks:person:${mara.w}`, 'updated')
  assert.deepEqual(told?.fields, ['employer_link'])
  assert.match(told.reason ?? '', new RegExp(`workbooks:organisation:${borealis.w}`))
  assert.match(told.reason ?? '', new RegExp(`outreach:account:${borealis.o}`))

  editPerson(house, mara.w, { employer_link: null })
  await house.settled()
  assert.equal(accountOf(house, mara.o), null)
  assert.deepEqual(personWritesOf(house), { outreach: 2, workbooks: 0 })
})

test('in Outreach a prospect is moved between accounts and taken out of one: the employer follows, one write each', async () => {
  await using house = await startHouse()
  const { borealis, mara } = await moveHouse(house)
  moveProspect(house, mara.o, borealis.o)
  await house.settled()
  assert.equal(employerOf(house, mara.w), borealis.w)
  // A link that was cleared is left out of the webhook (outreach-api 1.5).
  moveProspect(house, mara.o, null)
  await house.settled()
  assert.equal(employerOf(house, mara.w), null)
  assert.deepEqual(personWritesOf(house), { outreach: 0, workbooks: 2 })
})

test('"in Outreach a prospect was added to an account": it is created in Workbooks if need be, and its employer is that organisation', async () => {
  await using house = await startHouse()
  const acme = await link(house, 'Acme')
  const o = createProspect(house, { account: acme.o })
  await house.settled()
  const [made] = people(house)
  assert.equal(made?.['cf_person_outreach_id'], String(o))
  assert.equal(made['employer_link'], acme.w)
  assert.deepEqual(personWritesOf(house), { outreach: 0, workbooks: 1 })
})

test('"parent first": a prospect on an account that is not in Workbooks yet brings the account, and is never lost', async () => {
  await using house = await startHouse()
  await house.settled()
  // The account's own webhook is lost: only the prospect names it.
  house.outreach.webhooks.change({ dropNext: 1 })
  const account = createAccount(house, { name: 'Acme' })
  const o = createProspect(house, { account })
  await house.settled()
  const [acme] = organisations(house)
  assert.equal(acme?.['cf_organisation_outreach_id'], String(account))
  const [made] = people(house)
  assert.equal(made?.['cf_person_outreach_id'], String(o))
  assert.equal(made['employer_link'], acme['id'])
})

test('a prospect moved to an account that is not in Workbooks yet: the move is not undone, and arrives with the organisation', async () => {
  await using house = await startHouse({
    config: {
      kinds: {
        organisation: { createInWorkbooks: { when: [{ attribute: 'industry', is: ['Food'] }] } },
      },
    },
  })
  const acme = await link(house, 'Acme')
  const mara = await createPersonPair(house, { employer_link: acme.w })
  const account = createAccount(house, { name: 'Borealis' })
  moveProspect(house, mara.o, account)
  await house.settled()
  assert.deepEqual([accountOf(house, mara.o), employerOf(house, mara.w)], [account, acme.w])
  const waits = await newestOutcome(house, `outreach:prospect:${mara.o}`)
  assert.match(waits.reason ?? '', new RegExp(`waits for outreach:account:${account}`))

  house.outreach.person.update('account', account, { attributes: { industry: 'Food' } })
  await house.settled()
  const borealis = organisations(house).find(({ name }) => name === 'Borealis')
  assert.ok(borealis)
  assert.deepEqual([accountOf(house, mara.o), employerOf(house, mara.w)], [account, borealis['id']])
})

test('"an employer that is not linked, and an account that Outreach guessed from an e-mail domain, overwrite nothing"', async () => {
  await using house = await startHouse({
    outreach: {
      webhooks: { delayMs: { from: 1, to: 5 } },
      rules: { linksProspectsByDomain: true },
    },
  })
  const acme = createOrganisation(house, { name: 'Acme', ...unasked })
  const mara = await createPersonPair(house, {
    employer_link: acme,
    'main_location[email]': 'mara@guessed.example',
  })
  const guessed = accountOf(house, mara.o)
  assert.ok(guessed !== null)
  await syncByOps(house, `workbooks:person:${mara.w}`)
  await syncByOps(house, `outreach:prospect:${mara.o}`)
  assert.deepEqual([employerOf(house, mara.w), accountOf(house, mara.o)], [acme, guessed])
  assert.deepEqual(organisations(house).length, 1)

  // "When that employer is linked, the relationship counts as never agreed: section 8 decides it."
  editOrganisation(house, acme, { cf_organisation_sync_to_outreach: true })
  await house.settled()
  const made = accountIdOf(house, acme)
  assert.deepEqual([employerOf(house, mara.w), accountOf(house, mara.o)], [acme, made])
})

test('a person moves to an employer that may not be synchronised: the account stays, and the employer is asked for once', async () => {
  await using house = await startHouse()
  const { acme, mara } = await moveHouse(house)
  const closed = createOrganisation(house, { name: 'Closed', ...unasked })
  await house.settled()
  editPerson(house, mara.w, { employer_link: closed })
  await house.settled()
  for (const title of ['a', 'b']) {
    editPerson(house, mara.w, { person_job_title: title })
    await house.settled()
  }
  assert.deepEqual([employerOf(house, mara.w), accountOf(house, mara.o)], [closed, acme.o])
  const asked = await outcomesOf(house, `workbooks:organisation:${closed}`, 'skipped')
  const byUs = (await house.events('sync.request')) as readonly { data: { record: string } }[]
  const requests = byUs.filter(({ data }) => data.record === `workbooks:organisation:${closed}`)
  assert.equal(requests.length, 1)
  // Its own making was told, and our question.
  assert.equal(asked.length, 2)
})

test('an organisation is linked with another account: its people follow', async () => {
  await using house = await startHouse()
  const { acme, mara } = await moveHouse(house)
  const other = createAccount(house, { name: 'Acme of another name' })
  house.outreach.person.update('account', other, { attributes: { named: false } })
  await house.settled()
  editOrganisation(house, acme.w, { cf_organisation_outreach_id: String(other) })
  await house.settled()
  assert.equal(accountOf(house, mara.o), accountIdOf(house, acme.w))
})

test('somebody else gets the prospect of a person: who has none any more is not asked for when the employer is linked', async () => {
  await using house = await startHouse()
  const acme = createOrganisation(house, { name: 'Acme', ...unasked })
  const mara = await createPersonPair(house, { employer_link: acme })
  silently(house, () => {
    editPerson(house, mara.w, { cf_person_outreach_id: '', cf_person_sync_to_outreach: false })
  })
  const id = { cf_person_outreach_id: String(mara.o) }
  const ben = createPerson(house, { person_first_name: 'Ben', employer_link: acme, ...id })
  await house.settled()
  editOrganisation(house, acme, { cf_organisation_sync_to_outreach: true })
  await house.settled()
  assert.equal(accountOf(house, mara.o), accountIdOf(house, acme))
  const requests = (await house.events('sync.request')) as readonly { data: { record: string } }[]
  const asked = new Set(requests.map(({ data }) => data.record))
  assert.deepEqual(
    [mara.w, ben].map((w) => asked.has(`workbooks:person:${w}`)),
    [false, true],
  )
})

test('the account of an employer is deleted in Outreach: nobody loses their employer', async () => {
  await using house = await startHouse()
  const { acme, mara } = await moveHouse(house)
  house.outreach.person.remove('account', acme.o)
  await house.settled()
  await syncByOps(house, `outreach:prospect:${mara.o}`)
  assert.equal(accountOf(house, mara.o), null)
  assert.equal(employerOf(house, mara.w), acme.w)
})

test('a link is refused, for the account vanished unannounced: no flag, and the person goes on without it', async () => {
  await using house = await startHouse()
  const { borealis, mara } = await moveHouse(house)
  silently(house, () => house.outreach.person.remove('account', borealis.o))
  editPerson(house, mara.w, { employer_link: borealis.w, person_job_title: 'Buyer' })
  const late = createPerson(house, { employer_link: borealis.w, person_last_name: 'Late' })
  await until(() => prospectIdOf(house, late) !== undefined)
  await until(() => prospect(house, mara.o)['title'] === 'Buyer')
  await house.settled()
  const flags = [mara.w, late].map((w) => person(house, w)['cf_person_outreach_sync_error'])
  assert.deepEqual(flags, [false, false])
  assert.equal(employerOf(house, mara.w), borealis.w)
})

test('both sides move a person at once: the later move wins, and the loser is named', async () => {
  await using house = await startHouse()
  const { borealis, mara } = await moveHouse(house)
  const corvus = await link(house, 'Corvus')
  const hourMs = 3_600_000
  silently(house, () => {
    editPerson(house, mara.w, { employer_link: borealis.w })
    house.outreach.clock.advance(hourMs)
    moveProspect(house, mara.o, corvus.o)
    house.outreach.clock.advance(-hourMs)
  })
  await syncByOps(house, `workbooks:person:${mara.w}`)
  assert.deepEqual([employerOf(house, mara.w), accountOf(house, mara.o)], [corvus.w, corvus.o])
  const [conflict] = await outcomesOf(house, `outreach:prospect:${mara.o}`, 'conflict')
  assert.deepEqual(conflict?.conflicts, [
    {
      field: 'employer_link',
      winner: 'outreach',
      loser: 'workbooks',
      losingValue: String(borealis.w),
    },
  ])
})

test('only people that are linked and eligible take part: a flagged one keeps its account until the flag is reset', async () => {
  await using house = await startHouse()
  const { borealis, acme, mara } = await moveHouse(house)
  editPerson(house, mara.w, { cf_person_outreach_sync_error: true })
  await house.settled()
  editPerson(house, mara.w, { employer_link: borealis.w })
  await house.settled()
  assert.equal(accountOf(house, mara.o), acme.o)
  editPerson(house, mara.w, { cf_person_outreach_sync_error: false })
  await house.settled()
  assert.equal(accountOf(house, mara.o), borealis.o)
})

test('450 people on one newly linked organisation: the product is restarted half-way, nobody is lost, nobody is written twice', async () => {
  await using house = await startHouse()
  const acme = createOrganisation(house, { name: 'Acme', ...unasked })
  const staff = Array.from({ length: 450 }, (_, at) =>
    createPerson(house, { employer_link: acme, person_last_name: `Quill ${at}` }),
  )
  await house.settled()
  resetCalls(house)
  let patches = 0
  const half = new Promise<void>((resolve) => {
    house.outreach.faults.beforeCommit(({ method }) => {
      patches += 1
      if (method === 'PATCH' && patches === 230) resolve()
    })
  })
  editOrganisation(house, acme, { cf_organisation_sync_to_outreach: true })
  await half
  await house.restart()
  // Somebody else's edit does not wait behind them.
  await house.settled()
  const account = accountIdOf(house, acme)
  assert.deepEqual(
    new Set(prospects(house).map(({ links }) => links['account']?.id)),
    new Set([account]),
  )
  assert.equal(prospects(house).length, staff.length)
  assert.deepEqual(personWritesOf(house), { outreach: 450, workbooks: 0 })
  assert.equal(accountsNamed(house, 'Acme').length, 1)
  assert.equal(person(house, staff[0] ?? 0)['employer_link'], acme)
})

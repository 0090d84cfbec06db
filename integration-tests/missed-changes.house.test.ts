import assert from 'node:assert/strict'
import { test } from 'vitest'
import {
  accountOf,
  createPerson,
  createProspect,
  editPerson,
  editProspect,
  employerOf,
  moveProspect,
  people,
  person,
  prospect,
  prospectIdOf,
} from './people.ts'
import { reconcile, startSilentHouse } from './polling.ts'
import {
  account,
  accountsNamed,
  createAccount,
  createOrganisation,
  editAccount,
  editOrganisation,
  newestOutcome,
  organisation,
  organisations,
  outreachIdOf,
} from './records.ts'
import type { House } from './start-house.ts'

/** A change that nobody announces, made to records of its own. */
type Missed = {
  readonly what: string
  /** What is there, and linked, before. */
  readonly before: (house: House, name: string) => number
  /** `w`: what `before` answered; `o`: its partner, or 0. */
  readonly change: (house: House, pair: Pair, name: string) => void
  readonly isFound: (house: House, pair: Pair, name: string) => boolean | Promise<boolean>
}

type Columns = Readonly<Record<string, unknown>>

type Pair = { readonly w: number; readonly o: number }

const off = { cf_organisation_sync_to_outreach: false }
const nothing = () => 0
const newOrganisation = (house: House, name: string) => createOrganisation(house, { name })
const outcomeOf = async (house: House, record: string) =>
  (await newestOutcome(house, record)).outcome

const ofOrganisations: readonly Missed[] = [
  {
    what: 'an organisation is created',
    before: nothing,
    change: (house, _, name) => void createOrganisation(house, { name }),
    isFound: (house, _, name) => accountsNamed(house, name).length === 1,
  },
  {
    what: 'an organisation is edited',
    before: newOrganisation,
    change: (house, { w }) => editOrganisation(house, w, { industry: 'Technology' }),
    isFound: (house, { o }) => account(house, o)['industry'] === 'Technology',
  },
  {
    what: 'a column of an organisation is cleared',
    before: (house, name) => createOrganisation(house, { name, website: 'https://acme.example' }),
    change: (house, { w }) => editOrganisation(house, w, { website: '' }),
    isFound: (house, { o }) => account(house, o)['websiteUrl'] === null,
  },
  {
    what: 'an organisation is edited twice within one second',
    before: newOrganisation,
    change: (house, { w }) => {
      editOrganisation(house, w, { industry: 'Technology' })
      editOrganisation(house, w, { industry: 'Retail' })
    },
    isFound: (house, { o }) => account(house, o)['industry'] === 'Retail',
  },
  {
    what: 'the flag of an organisation is set',
    before: (house, name) => createOrganisation(house, { name, ...off }),
    change: (house, { w }) =>
      editOrganisation(house, w, { cf_organisation_sync_to_outreach: true }),
    isFound: (house, _, name) => accountsNamed(house, name).length === 1,
  },
  {
    what: 'a sync error is reset',
    before: (house, name) =>
      createOrganisation(house, { name, cf_organisation_outreach_sync_error: true }),
    change: (house, { w }) =>
      editOrganisation(house, w, { cf_organisation_outreach_sync_error: false }),
    isFound: (house, _, name) => accountsNamed(house, name).length === 1,
  },
  {
    what: 'an organisation is deleted',
    before: newOrganisation,
    change: (house, { w }) => void house.workbooks.person.remove('organisations', w),
    isFound: async (house, { w }) =>
      (await outcomeOf(house, `workbooks:organisation:${w}`)) === 'gone',
  },
  {
    what: 'an account is created',
    before: nothing,
    change: (house, _, name) => void createAccount(house, { name }),
    isFound: (house, _, name) => organisations(house).some((row) => row['name'] === name),
  },
  {
    what: 'an account is edited',
    before: newOrganisation,
    change: (house, { o }) => editAccount(house, o, { locality: 'Leeds' }),
    isFound: (house, { w }) => organisation(house, w)['main_location[town]'] === 'Leeds',
  },
  {
    what: 'an attribute of an account is cleared',
    before: (house, name) => createOrganisation(house, { name, website: 'https://acme.example' }),
    change: (house, { o }) => editAccount(house, o, { websiteUrl: null }),
    isFound: (house, { w }) => (organisation(house, w)['website'] ?? '') === '',
  },
  {
    what: 'both records of a pair are edited',
    before: newOrganisation,
    change: (house, { w, o }) => {
      editOrganisation(house, w, { industry: 'Retail' })
      editAccount(house, o, { locality: 'York' })
    },
    isFound: (house, { w, o }) =>
      account(house, o)['industry'] === 'Retail' &&
      organisation(house, w)['main_location[town]'] === 'York',
  },
]

const mailOf = (name: string) => `${name.toLowerCase().replaceAll(/\W/g, '')}@acme.example`
const newPerson = (house: House, name: string) =>
  createPerson(house, { 'main_location[email]': mailOf(name) })
const acme = (house: House) =>
  Number(organisations(house).find(({ name }) => name === 'Acme')?.['id'])

const ofPeople: readonly Missed[] = [
  {
    what: 'a person is created',
    before: nothing,
    change: (house, _, name) => void newPerson(house, name),
    isFound: (house, _, name) => isProspect(house, name),
  },
  {
    what: 'a person is edited',
    before: newPerson,
    change: (house, { w }) => editPerson(house, w, { person_job_title: 'Buyer' }),
    isFound: (house, { o }) => prospect(house, o)['title'] === 'Buyer',
  },
  {
    what: 'the employer of a person is set',
    before: newPerson,
    change: (house, { w }) => editPerson(house, w, { employer_link: acme(house) }),
    isFound: (house, { o }) => accountOf(house, o) === outreachIdOf(house, acme(house)),
  },
  {
    what: 'the employer of a person is cleared',
    before: (house, name) =>
      createPerson(house, {
        'main_location[email]': mailOf(name),
        employer_link: acme(house),
      }),
    change: (house, { w }) => editPerson(house, w, { employer_link: null }),
    isFound: (house, { o }) => accountOf(house, o) === null,
  },
  {
    what: 'a person opts out in Workbooks',
    before: newPerson,
    change: (house, { w }) => editPerson(house, w, { no_email_soliciting: true }),
    isFound: (house, { o }) => prospect(house, o)['optedOut'] === true,
  },
  {
    what: 'a linked person who has a sync error opts out in Workbooks',
    before: newPerson,
    change: (house, { w }) =>
      editPerson(house, w, { cf_person_outreach_sync_error: true, no_email_soliciting: true }),
    isFound: (house, { o }) => prospect(house, o)['optedOut'] === true,
  },
  {
    what: 'a person is deleted',
    before: newPerson,
    change: (house, { w }) => void house.workbooks.person.remove('people', w),
    isFound: async (house, { w }) => (await outcomeOf(house, `workbooks:person:${w}`)) === 'gone',
  },
  {
    what: 'a prospect is created',
    before: nothing,
    change: (house, _, name) =>
      void createProspect(house, { attributes: { emails: [mailOf(name)] } }),
    isFound: (house, _, name) =>
      people(house).some((row) => row['main_location[email]'] === mailOf(name)),
  },
  {
    what: 'a prospect is edited',
    before: newPerson,
    change: (house, { o }) => editProspect(house, o, { title: 'Seller' }),
    isFound: (house, { w }) => person(house, w)['person_job_title'] === 'Seller',
  },
  {
    what: 'a prospect is moved to an account',
    before: newPerson,
    change: (house, { o }) => moveProspect(house, o, outreachIdOf(house, acme(house)) ?? 0),
    isFound: (house, { w }) => employerOf(house, w) === acme(house),
  },
  {
    what: 'an e-mail address of a prospect is changed, which does not move its updated time',
    before: newPerson,
    change: (house, { o }, name) =>
      editPart(house, o, { type: 'emailAddress', attributes: { email: `new.${mailOf(name)}` } }),
    isFound: (house, { w }, name) =>
      person(house, w)['main_location[email]'] === `new.${mailOf(name)}`,
  },
  {
    what: 'a phone number of a prospect is changed, which does not move its updated time',
    before: (house, name) =>
      createPerson(house, {
        'main_location[email]': mailOf(name),
        'main_location[telephone]': '+44 113 496 0001',
      }),
    change: (house, { o }) =>
      editPart(house, o, { type: 'phoneNumber', attributes: { number: '+44 113 496 0002' } }),
    isFound: (house, { w }) => person(house, w)['main_location[telephone]'] === '+44 113 496 0002',
  },
  {
    what: 'a prospect opts out in Outreach',
    before: newPerson,
    change: (house, { o }) => editProspect(house, o, { optedOut: true }),
    isFound: (house, { w }) => person(house, w)['no_email_soliciting'] === true,
  },
]

type Part = { readonly type: 'emailAddress' | 'phoneNumber'; readonly attributes: Columns }

/** Somebody changes the one e-mail address, or phone number, of a prospect. */
function editPart(house: House, o: number, { type, attributes }: Part): void {
  const part = house.outreach.person.list(type).find(({ links }) => links['prospect']?.id === o)
  assert.ok(part, `prospect ${o} has no ${type}`)
  const { updatedAt } = prospect(house, o)
  house.outreach.person.update(type, part.id, { attributes })
  assert.equal(prospect(house, o)['updatedAt'], updatedAt)
}

const minuteMs = 60_000

test.each([
  { kind: 'organisation', rows: ofOrganisations, partnerOf: outreachIdOf },
  { kind: 'person', rows: ofPeople, partnerOf: prospectIdOf },
])(
  'each kind of change of a(n) $kind that no webhook told is found within one interval, though both systems have clocks of their own',
  async ({ rows, partnerOf }) => {
    await using house = await startSilentHouse({
      before: ({ workbooks, outreach }) => {
        workbooks.clock.advance(7 * minuteMs)
        outreach.clock.advance(-4 * minuteMs)
      },
    })
    createOrganisation(house, { name: 'Acme' })
    await reconcile(house)
    const named = rows.map((row, at) => ({ ...row, name: `Case ${at}` }))
    const made = named.map((row) => ({ ...row, w: row.before(house, row.name) }))
    await reconcile(house)
    const cases = made.map((row) => ({
      ...row,
      pair: { w: row.w, o: row.w === 0 ? 0 : (partnerOf(house, row.w) ?? 0) },
    }))

    for (const { change, pair, name } of cases) change(house, pair, name)
    await reconcile(house)
    const missed: string[] = []
    for (const { what, isFound, pair, name } of cases) {
      if (!(await isFound(house, pair, name))) missed.push(what)
    }
    assert.deepEqual(missed, [], 'not found within one interval')
  },
)

function isProspect(house: House, name: string): boolean {
  const all = house.outreach.person.list('prospect')
  return all.some(({ attributes: { emails } }) => {
    return Array.isArray(emails) && emails.includes(mailOf(name))
  })
}

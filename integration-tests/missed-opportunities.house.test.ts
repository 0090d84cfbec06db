import assert from 'node:assert/strict'
import { test } from 'vitest'
import {
  addRole,
  changeRole,
  contacts,
  contactsOf,
  removeRole,
  rolesOf,
  rowsOf,
} from './contacts.ts'
import { startWatchedHouse } from './handled.ts'
import {
  createDeal,
  createOpportunity,
  deal,
  dealIdOf,
  deals,
  dealStage,
  editDeal,
  editOpportunity,
  linkOfDeal,
  opportunities,
  opportunity,
  opportunityWritesOf,
  stageOfDeal,
} from './opportunities.ts'
import { createPerson, createProspect, prospectIdOf, type Pair } from './people.ts'
import { foundOn, reconcile, startSilentHouse, sweepOnce } from './polling.ts'
import { createOrganisation, newestOutcome, outreachIdOf } from './records.ts'
import type { House } from './start-house.ts'

/** An organisation and two people, all of them linked. */
type Cast = {
  readonly acme: { readonly w: number; readonly o: number }
  readonly mara: Pair
  readonly ben: Pair
}

type Case = {
  readonly what: string
  /** The Workbooks columns that it begins with; absent: it does not exist yet. */
  readonly before?: (cast: Cast) => Readonly<Record<string, unknown>>
  readonly change: (house: House, pair: Pair, played: Played) => void
  readonly isFound: (house: House, pair: Pair, played: Played) => boolean
}

type Played = Cast & { readonly name: string }

const stage = 'opportunity_stage[name]'
const plain = () => ({})
const withMara = ({ mara }: Cast) => contacts([mara.w, 'Partner'])
const rowOf = (house: House, { o }: Pair) => rowsOf(house, o)[0]?.id ?? 0

const cases: readonly Case[] = [
  {
    what: 'an opportunity is created',
    change: (house, _, { name }) => void createOpportunity(house, { description: name }),
    isFound: (house, _, { name }) =>
      deals(house).filter(({ attributes }) => attributes['name'] === name).length === 1,
  },
  {
    what: 'an opportunity is edited',
    before: plain,
    change: (house, { w }) => editOpportunity(house, w, { comment: 'Warm' }),
    isFound: (house, { o }) => deal(house, o)['description'] === 'Warm',
  },
  {
    what: 'an opportunity with a duplicate flag, which holds back the other way only, is edited',
    before: plain,
    change: (house, { w }) =>
      editOpportunity(house, w, { comment: 'Warm', cf_opportunity_outreach_duplicate: true }),
    isFound: (house, { o }) => deal(house, o)['description'] === 'Warm',
  },
  {
    what: 'the close date of an opportunity is moved',
    before: () => ({ document_date: '2026-03-02' }),
    change: (house, { w }) => editOpportunity(house, w, { document_date: '2026-04-03' }),
    isFound: (house, { o }) => String(deal(house, o)['closeDate']).startsWith('2026-04-03'),
  },
  {
    what: 'the stage of an opportunity is moved',
    before: () => ({ [stage]: 'Discovery' }),
    change: (house, { w }) => editOpportunity(house, w, { [stage]: 'Proposal' }),
    isFound: (house, { o }) => stageOfDeal(house, o) === 'Proposal',
  },
  {
    what: 'the customer of an opportunity is set',
    before: plain,
    change: (house, { w }, { acme }) => editOpportunity(house, w, { party_id: acme.w }),
    isFound: (house, { o }, { acme }) => linkOfDeal(house, o, 'account') === acme.o,
  },
  {
    what: 'a contact is added in Workbooks',
    before: plain,
    change: (house, { w }, cast) => editOpportunity(house, w, withMara(cast)),
    isFound: (house, { o }, { mara }) => rolesOf(house, o).includes(`${mara.o} Partner`),
  },
  {
    what: 'the role of a contact is changed in Workbooks',
    before: withMara,
    change: (house, { w }, { mara }) => editOpportunity(house, w, contacts([mara.w, 'Buyer'])),
    isFound: (house, { o }, { mara }) => rolesOf(house, o).join() === `${mara.o} Buyer`,
  },
  {
    what: 'a contact is removed in Workbooks',
    before: withMara,
    change: (house, { w }) => editOpportunity(house, w, contacts()),
    isFound: (house, { o }) => rolesOf(house, o).length === 0,
  },
  {
    what: 'a deal is created, with a prospect on it',
    change: (house, _, { ben, name }) => {
      const id = createDeal(house, { attributes: { name } })
      addRole(house, { deal: id, prospect: ben.o, role: 'Champion' })
    },
    isFound: (house, _, { ben, name }) => {
      const made = opportunities(house).find(({ description }) => description === name)
      return contactsOf(house, Number(made?.['id'])).join() === `${ben.w} Champion`
    },
  },
  {
    what: 'a deal is edited',
    before: plain,
    change: (house, { o }) => editDeal(house, o, { attributes: { probability: 35 } }),
    isFound: (house, { w }) => Number(opportunity(house, w)['probability']) === 35,
  },
  {
    what: 'the close date of a deal is moved',
    before: () => ({ document_date: '2026-03-02' }),
    change: (house, { o }) =>
      editDeal(house, o, { attributes: { closeDate: '2026-05-06T00:00:00.000Z' } }),
    isFound: (house, { w }) => /6 May 2026/.test(String(opportunity(house, w)['document_date'])),
  },
  {
    what: 'the stage of a deal is moved',
    before: () => ({ [stage]: 'Discovery' }),
    change: (house, { o }) =>
      editDeal(house, o, { links: { opportunityStage: dealStage(house, 'Proposal') } }),
    isFound: (house, { w }) => opportunity(house, w)[stage] === 'Proposal',
  },
  {
    what: 'a deal is moved to an account',
    before: plain,
    change: (house, { o }, { acme }) => editDeal(house, o, { links: { account: acme.o } }),
    isFound: (house, { w }, { acme }) => opportunity(house, w)['party_id'] === acme.w,
  },
  {
    what: 'a prospect is added to a deal',
    before: withMara,
    change: (house, { o }, { ben }) => void addRole(house, { deal: o, prospect: ben.o }),
    isFound: (house, { w }, { ben }) => contactsOf(house, w).includes(String(ben.w)),
  },
  {
    what: 'the role of a prospect on a deal is changed',
    before: withMara,
    change: (house, pair) => changeRole(house, rowOf(house, pair), 'Champion'),
    isFound: (house, { w }, { mara }) => contactsOf(house, w).join() === `${mara.w} Champion`,
  },
]

const discovered = { stages: ['Discovery', 'Proposal'] }

async function makeCast(house: House): Promise<Cast> {
  const w = createOrganisation(house, { name: 'Acme' })
  const [mara, ben] = ['mara', 'ben'].map((name) =>
    createPerson(house, { 'main_location[email]': `${name}@acme.example` }),
  )
  await reconcile(house)
  const pairOf = (id = 0): Pair => ({ w: id, o: prospectIdOf(house, id) ?? 0 })
  return { acme: { w, o: outreachIdOf(house, w) ?? 0 }, mara: pairOf(mara), ben: pairOf(ben) }
}

const minuteMs = 60_000

test('each kind of change of an opportunity, and of who is on it, that no webhook told is found within one interval, though both systems have clocks of their own', async () => {
  await using house = await startSilentHouse({
    workbooks: discovered,
    before: ({ workbooks, outreach }) => {
      workbooks.clock.advance(7 * minuteMs)
      outreach.clock.advance(-4 * minuteMs)
    },
  })
  const cast = await makeCast(house)
  const made = cases.map((one, at) => {
    const name = `Case ${at}`
    const columns = one.before?.(cast)
    return {
      ...{ ...one, name },
      w: columns === undefined ? 0 : createOpportunity(house, { description: name, ...columns }),
    }
  })
  await reconcile(house)
  const played = made.map((one) => {
    const o = one.w === 0 ? 0 : (dealIdOf(house, one.w) ?? 0)
    return { ...one, pair: { w: one.w, o } }
  })
  for (const { change, pair, name } of played) change(house, pair, { ...cast, name })
  await reconcile(house)
  const missed = played
    .filter(({ isFound, pair, name }) => !isFound(house, pair, { ...cast, name }))
    .map(({ what }) => what)
  assert.deepEqual(missed, [], 'not found within one interval')
  const writes = opportunityWritesOf(house)
  await reconcile(house)
  assert.deepEqual(opportunityWritesOf(house), writes, 'what we wrote ourselves is no change')
})

test('a row that tells of a new contact is published once, about its opportunity', async () => {
  await using house = await startSilentHouse()
  const { mara, ben } = await makeCast(house)
  const w = createOpportunity(house, contacts([mara.w, 'Partner']))
  await reconcile(house)
  // Rows that we made ourselves cost one hint, no more.
  await reconcile(house)
  const before = (await foundOn(house, 'outreach.opportunity')).length
  await reconcile(house)
  addRole(house, { deal: dealIdOf(house, w) ?? 0, prospect: ben.o })
  for (let turn = 0; turn < 3; turn += 1) await reconcile(house)
  const found = await foundOn(house, 'outreach.opportunity')
  assert.equal(found.length - before, 1)
  assert.equal(found.at(-1)?.subject, String(dealIdOf(house, w)))
})

test('a row that was removed, of which nothing tells, is found by the sweep; so is an opportunity that is gone', async () => {
  await using house = await startSilentHouse({ overrides: { sweepPaceMs: 0 } })
  const { mara, ben } = await makeCast(house)
  const both = contacts([mara.w, 'Partner'], [ben.w, ''])
  const [one = 0, other = 0] = [both, both].map((columns) => createOpportunity(house, columns))
  await reconcile(house)
  await sweepOnce(house)
  const [kept, gone] = [dealIdOf(house, one) ?? 0, dealIdOf(house, other) ?? 0]
  const partner = rowsOf(house, kept).find(({ attributes }) => attributes['role'] === 'Partner')
  removeRole(house, partner?.id ?? 0)
  house.outreach.person.remove('opportunity', gone)
  await sweepOnce(house)
  assert.deepEqual(contactsOf(house, one), [`${ben.w}`])
  assert.equal((await newestOutcome(house, `workbooks:opportunity:${other}`)).outcome, 'gone')
  assert.equal(contactsOf(house, other).length, 2)
  const told = (await house.outcomes(`outreach:opportunity:${kept}`)).length
  await sweepOnce(house)
  assert.equal((await house.outcomes(`outreach:opportunity:${kept}`)).length, told)
})

test('what was read, and what our own PATCH answered, is handled as it stands: a poller sees no change in it', async () => {
  await using house = await startWatchedHouse({ workbooks: discovered })
  const w = createOrganisation(house, { name: 'Acme' })
  const mara = createPerson(house, { 'main_location[email]': 'mara@acme.example' })
  await house.settled()
  const id = createOpportunity(house, {
    ...{ party_id: w, [stage]: 'Discovery', document_date: '2026-03-02' },
    ...contacts([mara, 'Partner']),
  })
  await house.settled()
  const o = dealIdOf(house, id) ?? 0
  const areHandled = () =>
    Promise.all([
      house.isHandled(`workbooks:opportunity:${id}`),
      house.isHandled(`outreach:opportunity:${o}`),
    ])
  assert.deepEqual(await areHandled(), [true, true])
  editOpportunity(house, id, { [stage]: 'Proposal', comment: 'Warm', ...contacts([mara, 'Buyer']) })
  await house.settled()
  assert.deepEqual(await areHandled(), [true, true])
  createProspect(house, { attributes: { emails: ['ben@acme.example'] } })
  editDeal(house, o, { attributes: { probability: 45 } })
  await house.settled()
  assert.deepEqual(await areHandled(), [true, true])
})

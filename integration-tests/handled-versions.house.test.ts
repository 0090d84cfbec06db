import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { GatewayEvent } from '../schemas/event.ts'
import { startWatchedHouse, type WatchedHouse } from './handled.ts'
import { statusOfKind, until } from './operators.ts'
import { createPerson, editProspect } from './people.ts'
import {
  account,
  anHourAgo,
  createAccount,
  createOrganisation,
  createPair,
  editAccount,
  editOrganisation,
  newestOutcome,
  organisation,
  outreachIdOf,
  renameOrganisation,
  silently,
  syncByOps,
} from './records.ts'

const rowOf = (id: number) => `workbooks:organisation:${id}` as const
const accountOf = (id: number) => `outreach:account:${id}` as const

/** Both systems say nothing by themselves: what is known was read, or answered. */
async function startSilent(fetch?: typeof globalThis.fetch): Promise<WatchedHouse> {
  const house = await startWatchedHouse({
    outreach: { subscriptions: [] },
    ...(fetch === undefined ? {} : { fetch }),
  })
  house.workbooks.hooks.setDisorder({ drops: 1 })
  return house
}

async function makeSilentPair(house: WatchedHouse) {
  const w = createOrganisation(house, { name: 'Acme', industry: 'Food' })
  await syncByOps(house, rowOf(w))
  const o = outreachIdOf(house, w) ?? 0
  return { w, o }
}

async function areHandled(house: WatchedHouse, { w, o }: { w: number; o: number }) {
  return [await house.isHandled(rowOf(w)), await house.isHandled(accountOf(o))]
}

test('what was created, and written back, is handled as it stands: from Workbooks', async () => {
  await using house = await startSilent()
  const pair = await makeSilentPair(house)
  assert.ok(pair.o > 0)
  assert.deepEqual(await areHandled(house, pair), [true, true])
})

test('... and from Outreach', async () => {
  await using house = await startSilent()
  const o = createAccount(house, { name: 'Beta', industry: 'Food' })
  await syncByOps(house, accountOf(o))
  const { workbooks } = (await newestOutcome(house, accountOf(o))).pair
  assert.ok(workbooks)
  assert.deepEqual(await areHandled(house, { w: Number(workbooks), o }), [true, true])
})

test('an edit makes a version that is not handled, and is handled on both sides once it has crossed', async () => {
  await using house = await startSilent()
  const pair = await makeSilentPair(house)
  editOrganisation(house, pair.w, { industry: 'Retail' })
  assert.deepEqual(await areHandled(house, pair), [false, true])
  await syncByOps(house, rowOf(pair.w))
  assert.equal(account(house, pair.o)['industry'], 'Retail')
  assert.deepEqual(await areHandled(house, pair), [true, true])

  editAccount(house, pair.o, { websiteUrl: 'https://acme.example' })
  assert.deepEqual(await areHandled(house, pair), [true, false])
  await syncByOps(house, accountOf(pair.o))
  assert.equal(organisation(house, pair.w)['website'], 'https://acme.example')
  assert.deepEqual(await areHandled(house, pair), [true, true])
})

test('what nobody mapped is no version of an account; a row has one for each change', async () => {
  await using house = await startSilent()
  const pair = await makeSilentPair(house)
  house.outreach.person.touch('account', pair.o)
  assert.deepEqual(await areHandled(house, pair), [true, true])
  editOrganisation(house, pair.w, { party_notes: 'Not mapped.' })
  assert.deepEqual(await areHandled(house, pair), [false, true])
  await syncByOps(house, rowOf(pair.w))
  assert.deepEqual(await areHandled(house, pair), [true, true])
})

type Passing = {
  readonly method: string
  readonly before?: () => void
  readonly after?: () => void
}

/** Somebody acts just before, or just after, the next request of this method to an account. */
function makeMeddling() {
  let next: Passing | undefined
  const meddling: typeof fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : String(input)
    const met = next
    if (met === undefined || init?.method !== met.method || !url.includes('/accounts')) {
      return fetch(input, init)
    }
    next = undefined
    met.before?.()
    const answer = await fetch(input, init)
    met.after?.()
    return answer
  }
  return {
    fetch: meddling,
    meddle: (passing: Passing) => {
      next = passing
    },
  }
}

test('an edit between our read and our PATCH, of which nobody tells: its version stays unhandled, and the next hint carries it over', async () => {
  const { fetch, meddle } = makeMeddling()
  await using house = await startSilent(fetch)
  const pair = await makeSilentPair(house)
  renameOrganisation(house, pair.w, 'Acme Ltd')
  // The answer to our PATCH shows it.
  meddle({ method: 'PATCH', before: () => editAccount(house, pair.o, { industry: 'Retail' }) })
  await syncByOps(house, rowOf(pair.w))
  assert.equal(account(house, pair.o)['name'], 'Acme Ltd')
  assert.equal(organisation(house, pair.w)['industry'], 'Food')
  assert.deepEqual(await areHandled(house, pair), [true, false])
  await syncByOps(house, accountOf(pair.o))
  assert.equal(organisation(house, pair.w)['industry'], 'Retail')
  assert.deepEqual(await areHandled(house, pair), [true, true])
})

test('an edit in the second of our read is a version that is not handled', async () => {
  const { fetch, meddle } = makeMeddling()
  await using house = await startSilent(fetch)
  const pair = await makeSilentPair(house)
  meddle({ method: 'GET', after: () => editAccount(house, pair.o, { industry: 'Retail' }) })
  await syncByOps(house, accountOf(pair.o))
  assert.equal(organisation(house, pair.w)['industry'], 'Food')
  assert.deepEqual(await areHandled(house, pair), [true, false])
  await syncByOps(house, accountOf(pair.o))
  assert.equal(organisation(house, pair.w)['industry'], 'Retail')
  assert.deepEqual(await areHandled(house, pair), [true, true])
})

test('a record that is skipped or unlinked is handled as it was read, and not again before it changes', async () => {
  await using house = await startSilent()
  const unasked = createOrganisation(house, {
    ...{ name: 'Nobody asked', cf_organisation_sync_to_outreach: false },
  })
  const unnamed = createAccount(house, { name: 'acme.example', named: false })
  await syncByOps(house, rowOf(unasked))
  await syncByOps(house, accountOf(unnamed))
  const told = [rowOf(unasked), accountOf(unnamed)].map((ref) => newestOutcome(house, ref))
  assert.deepEqual(
    (await Promise.all(told)).map(({ outcome }) => outcome),
    ['skipped', 'skipped'],
  )
  assert.deepEqual(await areHandled(house, { w: unasked, o: unnamed }), [true, true])
  // What it waits for changes the version: it is to be looked at again.
  editAccount(house, unnamed, { named: true })
  editOrganisation(house, unasked, { cf_organisation_sync_to_outreach: true })
  assert.deepEqual(await areHandled(house, { w: unasked, o: unnamed }), [false, false])
})

test('a duplicate: the record, and the flag that we set on it', async () => {
  await using house = await startSilent()
  const o = anHourAgo(house, () => createAccount(house, { name: 'Acme' }))
  const w = createOrganisation(house, { name: 'Acme' })
  await syncByOps(house, rowOf(w))
  assert.equal(organisation(house, w)['cf_organisation_outreach_duplicate'], true)
  assert.deepEqual(await house.isHandled(rowOf(w)), true)
  // The account was found, and nothing was decided about it.
  assert.equal(await house.handled(accountOf(o)), undefined)
})

test('an account that a hint about another pair came across is not handled by it', async () => {
  await using house = await startSilent()
  const { w, o } = await makeSilentPair(house)
  editAccount(house, o, { industry: 'Retail' })
  const copy = createOrganisation(house, {
    ...{ name: 'Copy', cf_organisation_outreach_id: String(o) },
  })
  await syncByOps(house, rowOf(copy))
  assert.equal(organisation(house, copy)['cf_organisation_outreach_duplicate'], true)
  assert.deepEqual(await areHandled(house, { w, o }), [true, false])
})

test('a deletion is a version, and handled once the pair is closed', async () => {
  await using house = await startSilent()
  const pair = await makeSilentPair(house)
  house.workbooks.person.remove('organisations', pair.w)
  assert.equal(await house.isHandled(rowOf(pair.w)), false)
  await syncByOps(house, rowOf(pair.w))
  assert.equal((await newestOutcome(house, rowOf(pair.w))).outcome, 'gone')
  assert.deepEqual(await areHandled(house, pair), [true, true])
})

test('a person: e-mails, phones and the employer are part of the version of a prospect', async () => {
  await using house = await startSilent()
  const { w: employer } = await makeSilentPair(house)
  const w = createPerson(house, {
    ...{ 'main_location[email]': 'mara@acme.example', employer_link: employer },
    'main_location[telephone]': '+44 1904 555 010',
  })
  await syncByOps(house, `workbooks:person:${w}`)
  const o = Number((await newestOutcome(house, `workbooks:person:${w}`)).pair.outreach)
  const [ofPerson, ofProspect] = [`workbooks:person:${w}`, `outreach:prospect:${o}`] as const
  assert.deepEqual(
    [await house.isHandled(ofPerson), await house.isHandled(ofProspect)],
    [true, true],
  )
  editProspect(house, o, { emails: ['mara@acme.example', 'm.quill@acme.example'] })
  assert.equal(await house.isHandled(ofProspect), false)
  await syncByOps(house, ofProspect)
  assert.deepEqual(
    [await house.isHandled(ofPerson), await house.isHandled(ofProspect)],
    [true, true],
  )
})

test('a parked record has handled what it read, so that nobody tells it the same again', async () => {
  await using house = await startWatchedHouse()
  const { w, o } = await createPair(house, { name: 'Acme' })
  let edits = 0
  // Somebody is quicker than each of our writes, unannounced.
  const stop = house.workbooks.faults.beforeCommit(({ path }) => {
    if (path !== 'crm/organisations') return
    edits += 1
    silently(house, () => editOrganisation(house, w, { party_notes: `Edit ${edits}` }))
  })
  editAccount(house, o, { name: 'Acme plc' })
  await until('it is parked', async () => (await statusOfKind(house)).parked === 1)
  assert.equal(await house.isHandled(accountOf(o)), true)
  assert.equal(await house.isHandled(rowOf(w)), false)
  stop()
  await until('it is done', () => organisation(house, w)['name'] === 'Acme plc')
  await house.settled()
  assert.deepEqual(await areHandled(house, { w, o }), [true, true])
})

test('both doors open: of all that webhooks told, of what it made us write and of what we deleted, a poller finds nothing', async () => {
  await using house = await startWatchedHouse({
    config: { kinds: { organisation: { onDelete: 'delete' } } },
  })
  const first = await createPair(house, { name: 'Acme', industry: 'Food' })
  const second = await createPair(house, { name: 'Beta' })
  const o = createAccount(house, { name: 'Gamma' })
  // Without an e-mail or phone: a row of those is nobody's version (product 5.4).
  const mara = createPerson(house, { employer_link: first.w })
  const skipped = createAccount(house, { name: 'acme.example', named: false })
  await house.settled()
  editOrganisation(house, first.w, { industry: 'Retail' })
  editAccount(house, first.o, { websiteUrl: 'https://acme.example' })
  const prospect = Number((await newestOutcome(house, `workbooks:person:${mara}`)).pair.outreach)
  editProspect(house, prospect, { title: 'Director', optedOut: true })
  house.workbooks.person.remove('organisations', second.w)
  await house.settled()
  assert.equal((await newestOutcome(house, rowOf(second.w))).outcome, 'gone')
  assert.equal((await newestOutcome(house, accountOf(skipped))).outcome, 'skipped')
  assert.ok((await newestOutcome(house, accountOf(o))).pair.workbooks)

  assert.deepEqual(await poll(house), [])
  silently(house, () => editOrganisation(house, first.w, { industry: 'Media' }))
  assert.deepEqual(await poll(house), [rowOf(first.w)])
})

/** One interval; what was found in this one and all before it. */
async function poll(house: WatchedHouse): Promise<readonly string[]> {
  const accepted = await house.ops('POST', '/ops/reconcile', {})
  assert.equal(accepted.status, 202)
  await house.settled()
  const all = await Promise.all(recordLists.map((topic) => house.events(topic)))
  // The log holds what the gateway validated.
  const events = all.flat() as readonly GatewayEvent[]
  return events
    .filter(({ origin }) => origin === 'reconciliation')
    .map(({ partitionkey }) => partitionkey)
}

const recordLists = [
  'workbooks.organisation',
  'workbooks.person',
  'outreach.account',
  'outreach.prospect',
] as const

import assert from 'node:assert/strict'
import { test } from 'vitest'
import {
  account,
  createAccount,
  createOrganisation,
  createPair,
  editAccount,
  editOrganisation,
  newestOutcome,
  onlyOutcome,
  organisation,
  organisations,
  outreachIdOf,
  resetCalls,
  silently,
  syncByOps,
  writesOf,
} from './records.ts'
import { startHouse, type House } from './start-house.ts'

const id = 'cf_organisation_outreach_id'
const duplicate = 'cf_organisation_outreach_duplicate'

const named = (house: House, name: string) =>
  organisations(house).filter((row) => row['name'] === name)

test('1. our reference links: the echo of our own create, before the write-back', async () => {
  await using house = await startHouse()
  const w = silently(house, () => createOrganisation(house, { name: 'Acme' }))
  const o = createAccount(house, {
    name: 'Northern Lights',
    customId: `workbooks:organisation:${w}`,
  })
  await house.settled()
  assert.equal(outreachIdOf(house, w), o)
  assert.equal(account(house, o)['name'], 'Acme')
  assert.equal(organisations(house).length, 1)
})

test('1. our reference links an ineligible record too: nothing is written until it is eligible', async () => {
  await using house = await startHouse()
  const w = silently(house, () =>
    createOrganisation(house, { name: 'Acme', cf_organisation_sync_to_outreach: false }),
  )
  const o = createAccount(house, { name: 'Acme Inc', customId: `workbooks:organisation:${w}` })
  await house.settled()
  const { outcome, condition, pair } = await newestOutcome(house, `outreach:account:${o}`)
  assert.deepEqual({ outcome, condition }, { outcome: 'skipped', condition: 1 })
  assert.deepEqual(pair, { workbooks: String(w), outreach: String(o) })
  assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 0 })

  editOrganisation(house, w, { cf_organisation_sync_to_outreach: true })
  await house.settled()
  assert.equal(outreachIdOf(house, w), o)
  assert.equal(account(house, o)['name'], 'Acme')
  assert.equal(house.outreach.person.list('account').length, 1)
})

test('1. our reference to a record that is linked elsewhere leads on: by name it is a duplicate, else it is created', async () => {
  await using house = await startHouse()
  const { w, o } = await createPair(house, { name: 'Acme' })
  const copy = createAccount(house, { name: 'Acme', customId: `workbooks:organisation:${w}` })
  const other = createAccount(house, {
    name: 'Acme Overseas',
    customId: `workbooks:organisation:${w}`,
  })
  await house.settled()
  const { pair } = await onlyOutcome(house, `outreach:account:${copy}`, 'duplicate')
  assert.deepEqual(pair, { workbooks: String(w), outreach: String(copy) })
  assert.equal(outreachIdOf(house, w), o)
  assert.equal(organisation(house, w)[duplicate], false)
  assert.deepEqual(
    named(house, 'Acme Overseas').map((row) => row[id]),
    [String(other)],
  )
  assert.equal(organisations(house).length, 2)
})

test('an account that carries our reference, but whose organisation was deleted, never creates one: outcome gone', async () => {
  await using house = await startHouse()
  const w = silently(house, () => createOrganisation(house, { name: 'Acme' }))
  silently(house, () => house.workbooks.person.remove('organisations', w))
  const o = createAccount(house, { name: 'Acme', customId: `workbooks:organisation:${w}` })
  await house.settled()
  await onlyOutcome(house, `outreach:account:${o}`, 'gone')
  editAccount(house, o, { name: 'Acme Ltd' })
  await syncByOps(house, `outreach:account:${o}`)
  assert.deepEqual(organisations(house), [])
})

test('an account whose reference names an organisation that Workbooks does not show creates nothing either', async () => {
  await using house = await startHouse()
  const o = createAccount(house, { name: 'Acme', customId: 'workbooks:organisation:424242' })
  await house.settled()
  const { outcome } = await newestOutcome(house, `outreach:account:${o}`)
  assert.equal(outcome, 'parked')
  assert.deepEqual(organisations(house), [])
})

test('2. the Outreach Id in Workbooks links, before created_through_reference and name', async () => {
  await using house = await startHouse()
  const [o, byId, byOrigin, byName] = silently(house, () => {
    const made = createAccount(house, { name: 'Acme' })
    return [
      made,
      createOrganisation(house, { name: 'By id', [id]: String(made) }),
      createOrganisation(house, {
        name: 'By origin',
        created_through_reference: `outreach:account:${made}`,
      }),
      createOrganisation(house, { name: 'Acme' }),
    ]
  })
  await syncByOps(house, `outreach:account:${o}`)
  assert.equal(account(house, o)['name'], 'By id')
  assert.equal(outreachIdOf(house, byId), o)
  assert.equal(outreachIdOf(house, byOrigin), undefined)
  assert.equal(outreachIdOf(house, byName), undefined)
  assert.equal(organisation(house, byName)[duplicate], false)
})

test('3. created_through_reference links, before the name, and the Outreach Id is written', async () => {
  await using house = await startHouse()
  const [o, byOrigin, byName] = silently(house, () => {
    const made = createAccount(house, { name: 'Acme' })
    return [
      made,
      createOrganisation(house, {
        name: 'By origin',
        created_through_reference: `outreach:account:${made}`,
      }),
      createOrganisation(house, { name: 'Acme' }),
    ]
  })
  await syncByOps(house, `outreach:account:${o}`)
  assert.equal(outreachIdOf(house, byOrigin), o)
  assert.equal(account(house, o)['name'], 'By origin')
  assert.equal(outreachIdOf(house, byName), undefined)
  assert.equal(organisation(house, byName)[duplicate], false)
  assert.equal(organisations(house).length, 2)
})

test('4. by name: a linked organisation keeps its partner and its flags, outcome duplicate, nothing is created', async () => {
  await using house = await startHouse()
  const { w, o } = await createPair(house, { name: 'Acme' })
  resetCalls(house)
  const other = createAccount(house, { name: ' ACME', locality: 'York' })
  await house.settled()
  const { pair } = await onlyOutcome(house, `outreach:account:${other}`, 'duplicate')
  assert.deepEqual(pair, { workbooks: String(w), outreach: String(other) })
  assert.equal(outreachIdOf(house, w), o)
  assert.equal(organisation(house, w)[duplicate], false)
  assert.equal(organisations(house).length, 1)
  assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 0 })
})

test('4. by name: an eligible organisation without partner gets Outreach Duplicate, outcome duplicate', async () => {
  await using house = await startHouse()
  const w = silently(house, () => createOrganisation(house, { name: 'Acme' }))
  const o = createAccount(house, { name: 'acme' })
  await house.settled()
  const { pair, reason } = await onlyOutcome(house, `outreach:account:${o}`, 'duplicate')
  assert.deepEqual(pair, { workbooks: String(w), outreach: String(o) })
  assert.match(reason ?? '', new RegExp(`outreach:account:${o}`))
  assert.equal(organisation(house, w)[duplicate], true)
  assert.equal(outreachIdOf(house, w), undefined)
  assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 1 })

  editOrganisation(house, w, { [duplicate]: false, [id]: String(o) })
  await house.settled()
  assert.equal(account(house, o)['name'], 'Acme')
})

// prettier-ignore
const ineligible = [
  { says: 'is not to be synchronised',  columns: { cf_organisation_sync_to_outreach: false } },
  { says: 'has a sync error',           columns: { cf_organisation_outreach_sync_error: true } },
  { says: 'is a duplicate already',     columns: { cf_organisation_outreach_duplicate: true } },
]

test('4. by name: an organisation that is not eligible is left alone; the outcome is skipped, naming it', async () => {
  await using house = await startHouse()
  const made = ineligible.map(({ says, columns }) => {
    const name = `Company that ${says}`
    const w = silently(house, () => createOrganisation(house, { name, ...columns }))
    return { says, w, o: createAccount(house, { name }) }
  })
  await house.settled()
  for (const { says, w, o } of made) {
    const { reason } = await onlyOutcome(house, `outreach:account:${o}`, 'skipped')
    assert.match(reason ?? '', new RegExp(`workbooks:organisation:${w}\\b`), says)
  }
  assert.equal(organisations(house).length, made.length)
  assert.deepEqual(writesOf(house), { outreach: 0, workbooks: 0 })
})

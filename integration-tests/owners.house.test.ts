import assert from 'node:assert/strict'
import { test } from 'vitest'
import {
  assignedTo,
  queueOf,
  setOwner,
  startOwnedHouse,
  userId,
  usernameOfOwner,
} from './owned-records.ts'
import {
  createAccount,
  createOrganisation,
  createPair,
  editOrganisation,
  organisations,
  outreachIdOf,
  resetCalls,
  silently,
  syncByOps,
} from './records.ts'
import type { House } from './start-house.ts'

function linkedAccount(house: House, w: number): number {
  const o = outreachIdOf(house, w)
  assert.ok(o, `organisation ${w} is not linked`)
  return o
}

type Expected = { readonly queue: string; readonly username: string | null; readonly says: string }

// prettier-ignore
const toOutreach: readonly { readonly says: string; readonly owner: object | undefined; readonly expects: readonly Expected[] }[] = [
  {
    says: 'the username that is exactly Assigned To',
    owner: undefined,
    expects: [
      { queue: 'ben.booth',   username: 'ben.booth', says: 'exactly the username' },
      { queue: 'Amy.Archer',  username: null,        says: 'another case' },
      { queue: 'Amy Archer',  username: null,        says: 'a name, which was not asked for' },
      { queue: 'Sales North', username: null,        says: 'no such user' },
      { queue: 'cora.crane',  username: null,        says: 'a locked user' },
    ],
  },
  {
    says: 'match: name',
    owner: { match: 'name' },
    expects: [
      { queue: 'Ben Booth', username: 'ben.booth', says: 'exactly the name' },
      { queue: 'ben.booth', username: null,        says: 'a username, which was not asked for' },
    ],
  },
  {
    says: 'match: email',
    owner: { match: 'email' },
    expects: [
      { queue: 'ben@example.com', username: 'ben.booth', says: 'exactly the address' },
      { queue: 'ben.booth',       username: null,        says: 'a username, which was not asked for' },
    ],
  },
  {
    says: 'a users table',
    owner: { users: { 'Sales North': 'dev@example.com', 'ben.booth': 'dev.das', 'Amy Archer': 'cora@example.com' } },
    expects: [
      { queue: 'Sales North', username: 'dev.das',    says: 'the entry, by e-mail address' },
      { queue: 'ben.booth',   username: 'dev.das',    says: 'the entry, which wins over the rule' },
      { queue: 'amy.archer',  username: 'amy.archer', says: 'the rule, for who is not in the table' },
      { queue: 'Amy Archer',  username: null,         says: 'an entry that names a locked user' },
    ],
  },
]

test.each(toOutreach)(
  'Workbooks to Outreach by $says: at create, and when Assigned To changes',
  async ({ owner, expects }) => {
    await using house = await startOwnedHouse(owner)
    const made = expects.map((row, at) => ({
      ...row,
      assigned: createOrganisation(house, { name: `Assigned ${at}`, [assignedTo]: row.queue }),
      other: createOrganisation(house, { name: `Other ${at}`, [assignedTo]: 'Unassigned' }),
    }))
    await house.settled()
    for (const { says, other, assigned, username, queue } of made) {
      assert.equal(usernameOfOwner(house, linkedAccount(house, assigned)), username, says)
      assert.equal(usernameOfOwner(house, linkedAccount(house, other)), null)
      editOrganisation(house, other, { [assignedTo]: queue })
    }
    await house.settled()
    for (const { says, other, queue, username } of made) {
      assert.equal(usernameOfOwner(house, linkedAccount(house, other)), username, says)
      assert.equal(queueOf(house, other), queue)
    }
  },
)

// prettier-ignore
const toWorkbooks: readonly (Expected & { readonly owner: object | undefined })[] = [
  { says: 'the queue of the username', owner: undefined, queue: 'ben.booth', username: 'ben.booth' },
  { says: 'match: name', owner: { match: 'name' }, queue: 'Ben Booth', username: 'ben.booth' },
  { says: 'match: email', owner: { match: 'email' }, queue: 'ben@example.com', username: 'ben.booth' },
  { says: "the users table's entry", owner: { users: { 'Sales North': 'ben@example.com' } }, queue: 'Sales North', username: 'ben.booth' },
  { says: 'as it is where no queue is called so', owner: undefined, queue: 'amy.archer', username: 'dev.das' },
]

test.each(toWorkbooks)(
  'Outreach to Workbooks: Assigned To becomes, or stays, $says; so it does at create',
  async ({ owner, queue, username }) => {
    await using house = await startOwnedHouse(owner)
    const { w, o } = await createPair(house, { name: 'Acme', [assignedTo]: 'amy.archer' })
    setOwner(house, o, username)
    const made = silently(house, () => createAccount(house, { name: 'Borealis' }))
    silently(house, () => setOwner(house, made, username))
    await syncByOps(house, `outreach:account:${made}`)
    assert.equal(queueOf(house, w), queue)
    assert.equal(usernameOfOwner(house, o), username)
    const borealis = organisations(house).find(({ name }) => name === 'Borealis')
    assert.equal(borealis?.[assignedTo], username === 'dev.das' ? 'Unassigned' : queue)
    assert.equal(usernameOfOwner(house, made), username)
  },
)

test('users are cached: organisations cost no look at the users, and a name that nobody has none within the minute', async () => {
  await using house = await startOwnedHouse()
  await createPair(house, { name: 'First', [assignedTo]: 'amy.archer' })
  resetCalls(house)
  for (let at = 0; at < 10; at += 1) {
    const queue = at % 2 === 0 ? 'eve.east' : 'ben.booth'
    createOrganisation(house, { name: `Company ${at}`, [assignedTo]: queue })
  }
  await house.settled()
  // The first one was synchronised, and looked the users up, in one of the consumers.
  assert.ok((house.outreach.calls.counts()['GET users'] ?? 0) < house.consumers)
})

test('a person who joined Outreach is found by the first look of a new process', async () => {
  await using house = await startOwnedHouse()
  const { w, o } = await createPair(house, { name: 'Acme', [assignedTo]: 'amy.archer' })
  house.outreach.person.create('user', {
    attributes: {
      firstName: 'Eve',
      lastName: 'East',
      username: 'eve.east',
      email: 'e@example.com',
    },
  })
  await house.restart()
  editOrganisation(house, w, { [assignedTo]: 'eve.east' })
  await house.settled()
  assert.equal(usernameOfOwner(house, o), 'eve.east')
})

test('a user who is locked later counts as none', async () => {
  await using house = await startOwnedHouse()
  const { w, o } = await createPair(house, { name: 'Acme', [assignedTo]: 'amy.archer' })
  house.outreach.person.update('user', userId(house, 'ben.booth'), { attributes: { locked: true } })
  await house.restart()
  editOrganisation(house, w, { [assignedTo]: 'ben.booth' })
  await house.settled()
  assert.equal(usernameOfOwner(house, o), null)
})

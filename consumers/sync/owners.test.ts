import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { SetupFault, SystemAway } from '../../clients/errors.ts'
import type { Value } from './fields/value.ts'
import { makeOwners, type OwnerRule } from './owners.ts'

const queues = 'crm/organisation_queues'
const live = { lane: 'live' } as const
const minute = 60_000

type Given = {
  readonly match?: OwnerRule['match']
  readonly users?: OwnerRule['users']
  readonly error?: Error
}

function open({ match = 'username', users = {}, error }: Given = {}) {
  const clock = { now: 0 }
  const calls = { outreach: 0, workbooks: 0 }
  const unknown: string[] = []
  const people = [
    {
      id: '44',
      username: 'Amy Archer',
      firstName: 'Amy',
      lastName: 'A.',
      email: 'amy@example.com',
      locked: false,
    },
    { id: '45', username: 'Ben Locked', name: 'Ben', email: 'ben@example.com', locked: true },
    { id: '46', username: 'nobody_home', name: 'Cy', email: 'cy@example.com', locked: false },
  ]
  const names = ['Amy Archer', 'Ben Locked', 'Sales queue', 'cy@example.com']
  const owners = makeOwners({
    rule: { match, users },
    now: () => clock.now,
    signals: { ownersUnknown: (system) => unknown.push(system) },
    outreach: {
      search: () => {
        calls.outreach += 1
        if (error !== undefined) return Promise.reject(error)
        const made = people.map(({ id, ...attributes }) => ({ id, attributes }))
        return Promise.resolve(made.map((one) => ({ ...one, type: 'user', links: {}, readAt: 0 })))
      },
    },
    workbooks: {
      search: (controller) => {
        calls.workbooks += 1
        return Promise.resolve(
          names.map((name, index) => ({
            ...{ controller, id: String(index + 1), lockVersion: 0, isDeleted: false, readAt: 0 },
            columns: { name },
          })),
        )
      },
    },
  })
  const prepare = (assignedTo: Value = 'Amy Archer', owner: Value = '44') =>
    owners.prepare({ queues, assignedTo, owner }, live)
  return {
    owners,
    people,
    names,
    clock,
    calls,
    unknown,
    prepare,
    carrier: owners.carrierFor(queues),
  }
}

const blank = { kind: 'value', value: null }
const none = { kind: 'no-word', blankWhenChanged: true }
const left = { kind: 'no-word', blankWhenChanged: false }
const is = (value: string) => ({ kind: 'value', value })
const listed = { 'Sales queue': 'cy@example.com', Ghost: 'nobody@example.com', 'Amy Archer': '46' }

// prettier-ignore
const sent: readonly (Given & { says: string; assignedTo: Value; want: unknown })[] = [
  { says: '"the user whose username is exactly the Assigned To name"', assignedTo: 'Amy Archer', want: is('44') },
  { says: 'another case is another name',                              assignedTo: 'amy archer', want: none },
  { says: '"none: the owner is left blank"',                           assignedTo: 'Zoe', want: none },
  { says: '"a locked user counts as none"',                            assignedTo: 'Ben Locked', want: none },
  { says: 'nobody assigned: a blank owner',                            assignedTo: null, want: blank },
  { says: 'owner.match name',                                          match: 'name', assignedTo: 'Amy A.', want: is('44') },
  { says: 'owner.match email',                                         match: 'email', assignedTo: 'cy@example.com', want: is('46') },
  { says: '"an explicit owner.users table wins over the rule"',        users: listed, assignedTo: 'Amy Archer', want: is('46') },
  { says: 'a queue in the table, by e-mail',                           users: listed, assignedTo: 'Sales queue', want: is('46') },
  { says: 'a name in the table whose user is not there',               users: listed, assignedTo: 'Ghost', want: none },
]

describe('Assigned To to Outreach (rulebook 9)', () => {
  test.each(sent)('$says', async ({ assignedTo, want, ...given }) => {
    const { carrier, prepare } = open(given)
    await prepare(assignedTo, null)
    assert.deepEqual(carrier.asOutreach(assignedTo), want)
  })
})

// prettier-ignore
const received: readonly (Given & { says: string; owner: Value; want: unknown })[] = [
  { says: '"the queue whose name is the owner\'s matching attribute"', owner: '44', want: is('Amy Archer') },
  { says: '"or the table\'s entry"',                                   users: { 'Sales queue': 'cy@example.com' }, owner: '46', want: is('Sales queue') },
  { says: 'by e-mail',                                                 match: 'email', owner: '46', want: is('cy@example.com') },
  { says: '"else it is left as it is": no such queue',                 owner: '46', want: left },
  { says: 'no such user',                                              owner: '99', want: left },
  { says: 'no owner: every record of Workbooks is somebody\'s',        owner: null, want: left },
]

describe('the owner to Workbooks (rulebook 9)', () => {
  test.each(received)('$says', async ({ owner, want, ...given }) => {
    const { carrier, prepare } = open(given)
    await prepare(null, owner)
    assert.deepEqual(carrier.asWorkbooks(owner), want)
  })
})

// prettier-ignore
const meanings: readonly { says: string; w: Value; o: Value; is: boolean }[] = [
  { says: 'a name and its user',                       w: 'Amy Archer', o: '44', is: true },
  { says: 'a name and another user',                   w: 'Amy Archer', o: '46', is: false },
  { says: 'two blanks',                                w: null, o: null, is: true },
  { says: 'a name without a user is no blank: it is remembered in its own form', w: 'Zoe', o: null, is: false },
  { says: 'a blank and a user',                        w: null, o: '44', is: false },
]

test.each(meanings)('meaning the same owner: $says', async ({ w, o, is: same }) => {
  const { carrier, prepare } = open()
  await prepare()
  assert.equal(carrier.meansSame(w, o), same)
})

test('Assigned To is written as the id of its queue', async () => {
  const { owners, prepare } = open()
  await prepare()
  assert.deepEqual(
    [owners.queueIdOf(queues, 'Sales queue'), owners.queueIdOf(queues, 'Zoe')],
    ['3', undefined],
  )
})

test('"users are cached and refreshed on a miss at most once a minute"', async () => {
  const { prepare, calls, clock, people, names, carrier } = open()
  await prepare()
  await prepare()
  assert.deepEqual(calls, { outreach: 1, workbooks: 1 })
  people.push({ id: '47', username: 'Zoe', name: 'Z', email: 'z@example.com', locked: false })
  names.push('Zoe')
  clock.now = minute - 1
  await prepare('Zoe')
  assert.deepEqual([calls.outreach, carrier.asOutreach('Zoe')], [1, none])
  clock.now = minute
  await prepare('Zoe')
  assert.deepEqual([calls.outreach, carrier.asOutreach('Zoe')], [2, is('47')])
})

test('many who miss at once ask once', async () => {
  const { prepare, calls } = open()
  await Promise.all([prepare(), prepare('Zoe'), prepare('Ida')])
  assert.deepEqual(calls, { outreach: 1, workbooks: 1 })
})

test('a directory that may not be read is told of, and the owner is left out', async () => {
  const about = { system: 'outreach', status: 403, mend: 'grant users.read' } as const
  const { prepare, unknown, carrier } = open({ error: new SetupFault('forbidden', about) })
  await prepare()
  assert.deepEqual([unknown, carrier.asOutreach('Amy Archer').kind], [['outreach'], 'cannot'])
})

test('a system that is away stops the sync: nobody is taken for missing', async () => {
  const { prepare } = open({ error: new SystemAway('429', { system: 'outreach', status: 429 }) })
  await assert.rejects(prepare(), { name: 'SystemAway' })
})

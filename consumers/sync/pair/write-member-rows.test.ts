import assert from 'node:assert/strict'
import { test } from 'vitest'
import { Refused, SystemAway, TooLate, UnknownAnswer } from '../../../clients/errors.ts'
import type { OutreachValues } from '../../../clients/outreach/outreach-client.ts'
import { opportunity } from '../kinds/opportunity.ts'
import { settleKind } from '../kinds/settle-kind.ts'
import { ben, contactField, mara } from '../members/members.fixture.ts'
import { printMemory } from '../merge/memory.ts'
import type { PairMerge } from './merge-pair.ts'
import { makeNotedVersions } from './noted-versions.ts'
import { writeMemberRows } from './write-member-rows.ts'

const people = [
  contactField({ ...mara, rowIds: ['612'] }),
  contactField({ ...ben, rowIds: ['613'] }),
]
const names = people.map(({ workbooks }) => workbooks)
const [marasName = '', bensName = ''] = names
const readAt = 1_000

type Given = {
  /** By person: their roles in Workbooks. */
  readonly wanted: readonly (readonly string[])[]
  /** By call, in their order: what comes instead of an answer. */
  readonly errors?: readonly (Error | undefined)[]
  readonly tries?: number
  /** How long each call takes. */
  readonly callMs?: number
}

/** Both were partners and were made blockers in Outreach, and something else in Workbooks, which wins. */
async function write({ wanted, errors = [], tries = 0, callMs = 0 }: Given) {
  const calls: { readonly call: string; readonly notAfter: number | undefined }[] = []
  let nowMs = readAt
  function answer(call: string, { notAfter }: { notAfter?: number }, values: OutreachValues) {
    const error = errors[calls.length]
    calls.push({ call, notAfter })
    nowMs += callMs
    if (error !== undefined) return Promise.reject(error)
    const { attributes } = values
    return Promise.resolve({ type: 'opportunityProspectRole', id: call, attributes, links: {} })
  }
  const deps = {
    now: () => nowMs,
    newOutcomeId: (at: number) => `${at}`,
    store: { write: () => Promise.resolve([]) },
    outreach: {
      update: ({ id }: { id: string }, values: OutreachValues, call: object) =>
        answer(`PATCH ${id}`, call, values),
      create: (_: string, values: OutreachValues, call: object) => answer('POST', call, values),
      remove: ({ id }: { id: string }, call: object) =>
        answer(`DELETE ${id}`, call, { attributes: {} }),
    },
  }
  const work = {
    kind: { ...settleKind(opportunity), fields: people },
    hint: { kind: 'opportunity', side: 'workbooks', id: '5101', events: [] },
    ...{ tries, call: { lane: 'live' }, calls: { count: 0 }, told: [] },
    ...{ signal: new AbortController().signal, versions: makeNotedVersions() },
    records: { rowsWereWritten: () => Promise.resolve() },
  }
  const memory = { agreed: Object.fromEntries(names.map((name) => [name, partner])) }
  const asked = { merge: toMerge(wanted, printMemory(memory)), memory }
  // Only these parts are looked at.
  const attempt = writeMemberRows(deps as never, work as never, asked as never)
  const result = await attempt.catch((error: unknown) => ({ kind: 'thrown', error }) as const)
  return { result, calls, told: toldIn(work.told) }
}

const partner = { w: ['Partner'], o: ['Partner'] }

function toMerge(wanted: Given['wanted'], memory: string): Partial<PairMerge> {
  const [first] = people
  const rows = [
    { id: '612', member: mara.outreachId, role: 'Blocker', updatedAt: '' },
    { id: '613', member: ben.outreachId, role: 'Blocker', updatedAt: '' },
  ]
  const send = Object.fromEntries(names.map((name, at) => [name, wanted[at] ?? []]))
  const conflicts = names.map((field) => {
    const lost = { winner: 'workbooks', loser: 'outreach', losingValue: ['Blocker'] } as const
    return { field, ...lost }
  })
  const attributes = { [first?.members.rowType ?? '']: rows }
  const ids = { kind: 'opportunity', workbooksId: '5101', outreachId: '950', idSeen: true }
  return {
    pair: { ...ids, status: 'linked', closedWhy: null, madeFrom: 'neither', memory },
    o: { type: 'opportunity', id: '950', attributes, links: {}, readAt },
    merged: { send, receive: {}, agreed: {}, conflicts, leftOut: [], seen: {} },
    values: { w: send, o: {} },
    ...{ parents: [], sourceTimeOf: () => 0 },
  }
}

/** Each outcome in short: what it is and, of a conflict, whose. */
function toldIn(told: readonly { outcome: { outcome: string; reason?: string | null } }[]) {
  return told.map(({ outcome: { outcome, reason } }) => {
    return `${outcome} ${/person:\d+/.exec(reason ?? '')?.[0] ?? ''}`.trim()
  })
}

const about = { system: 'outreach', status: 0 } as const
const both = ['conflict person:12', 'conflict person:13']
const taken = new Refused('It has already been taken', {
  ...about,
  ids: ['validationDuplicateValueError'],
})

test('each conflict is told with the call that decided it', async () => {
  const { result, told } = await write({ wanted: [['Champion'], ['Champion']] })
  assert.equal(result.kind, 'written')
  assert.deepEqual(told, both)
})

test.each([
  { says: 'a lost answer', error: new UnknownAnswer('lost', about), want: 'again' },
  { says: 'a call that is too late', error: new TooLate('late', about), want: 'again' },
  { says: 'a refusal', error: new Refused('refused', about), want: 'refused' },
])(
  '$says between two people: the conflict of the first is told, and that they are done',
  async ({ error, want }) => {
    const { result, told } = await write({
      wanted: [['Champion'], ['Champion']],
      errors: [undefined, error],
    })
    assert.equal(result.kind, want)
    assert.deepEqual(told, ['conflict person:12'])
    assert.deepEqual('done' in result && result.done, [marasName])
  },
)

test('rows that were read too long ago by the second person: the same', async () => {
  const { result, calls, told } = await write({
    wanted: [['Champion'], ['Champion']],
    callMs: 5_001,
  })
  assert.equal(calls.length, 1)
  assert.deepEqual(told, ['conflict person:12'])
  assert.deepEqual('done' in result && result.done, [marasName])
})

test('Outreach goes away between two people: what was done is told before that', async () => {
  const error = new SystemAway('away', about)
  const { result, told } = await write({
    wanted: [['Champion'], ['Champion']],
    errors: [undefined, error],
  })
  assert.deepEqual(result, { kind: 'thrown', error })
  assert.deepEqual(told, ['conflict person:12', 'updated'])
})

test('... and before the first call was answered nothing is told', async () => {
  const { told } = await write({
    wanted: [['Champion'], ['Champion']],
    errors: [new SystemAway('away', about)],
  })
  assert.deepEqual(told, [])
})

test('a person who takes two calls: the conflict is told with the first, and the second does not repeat it', async () => {
  const { result, told } = await write({
    wanted: [['Buyer', 'Champion'], []],
    errors: [undefined, new UnknownAnswer('lost', about)],
  })
  assert.deepEqual(told, ['conflict person:12'])
  assert.ok(result.kind === 'again')
  assert.deepEqual(result.memory.pending?.conflicts, undefined)
  assert.deepEqual(result.done, [])
})

test('a first call without an answer keeps the conflict with what is pending', async () => {
  const { result, told } = await write({
    wanted: [['Champion'], ['Champion']],
    errors: [new UnknownAnswer('lost', about)],
  })
  assert.deepEqual(told, [])
  assert.ok(result.kind === 'again')
  assert.deepEqual(
    result.memory.pending?.conflicts?.map(({ field }) => field),
    [marasName],
  )
})

test('no call leaves on rows that were read more than five seconds ago', async () => {
  const { calls } = await write({ wanted: [['Buyer', 'Champion'], []] })
  assert.deepEqual(calls, [
    { call: 'PATCH 612', notAfter: readAt + 5_000 },
    { call: 'POST', notAfter: readAt + 5_000 },
    { call: 'DELETE 613', notAfter: readAt + 5_000 },
  ])
})

test('a row that is said to be there already is looked at once more, and refused then', async () => {
  const wanted = [['Champion'], ['Champion']]
  const first = await write({ wanted, errors: [taken] })
  assert.ok(first.result.kind === 'again')
  assert.equal(first.result.memory.pending, undefined)
  const second = await write({ wanted, errors: [taken], tries: 1 })
  assert.equal(second.result.kind, 'refused')
})

test('what a person was agreed on stays beside what nobody answered', async () => {
  const { result } = await write({
    wanted: [['Champion'], ['Champion']],
    errors: [undefined, new UnknownAnswer('lost', about)],
  })
  assert.ok(result.kind === 'again')
  const { agreed, pending } = result.memory
  assert.deepEqual([agreed[marasName]?.w, agreed[marasName]?.o], [['Champion'], ['Champion']])
  assert.deepEqual(agreed[bensName], partner)
  assert.deepEqual(Object.keys(pending?.fields ?? {}), [bensName])
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { Found } from '../../../clients/call.ts'
import type { WorkbooksRecord } from '../../../clients/workbooks/workbooks-client.ts'
import type { Pair } from '../../../state/pairs.ts'
import { opportunity } from '../kinds/opportunity.ts'
import { settleKind } from '../kinds/settle-kind.ts'
import { makeParties } from './parties.ts'
import { prepareParents } from './prepare-parents.ts'

const customer = settleKind(opportunity).fields.find(({ workbooks }) => workbooks === 'party_id')
assert.ok(customer)
const employer = { ...customer, parent: { kind: 'organisation', outreachType: 'account' } }

const [linked, unlinked, person] = ['1', '2', '3']

function open() {
  const clock = { now: 0 }
  const read: string[] = []
  const parties = makeParties({
    now: () => clock.now,
    read: (kind, id): Promise<Found<WorkbooksRecord>> => {
      read.push(`${kind} ${id}`)
      if (id === person) return Promise.resolve({ kind: 'unseen' })
      const about = { controller: 'crm/organisations', lockVersion: 0, isDeleted: false, readAt: 0 }
      return Promise.resolve({ kind: 'here', record: { ...about, id, columns: {} } })
    },
  })
  const pair: Pair = {
    ...{ kind: 'organisation', workbooksId: linked, outreachId: '901', status: 'linked' },
    ...{ closedWhy: null, madeFrom: 'neither', idSeen: true, memory: '' },
  }
  const pairs = {
    byRecords: (_: string, side: string, ids: readonly string[]) =>
      Promise.resolve(
        ids.includes(side === 'workbooks' ? pair.workbooksId : pair.outreachId) ? [pair] : [],
      ),
  }
  const prepare = async (field: typeof customer & object, w: string) => {
    const named = { w: [{ party_id: w }], o: [{ party_id: '901' }] }
    const call = { lane: 'live' } as const
    return (await prepareParents({ pairs, parties }, { fields: [field], ...named, call }))(field)
  }
  return { prepare, read, clock }
}

test('a linked customer is its account, and nobody is asked what it is', async () => {
  const { prepare, read } = open()
  const carrier = await prepare(customer, linked)
  assert.deepEqual(carrier.asOutreach(linked), { kind: 'value', value: '901' })
  assert.deepEqual(carrier.asWorkbooks('901'), { kind: 'value', value: linked })
  assert.deepEqual(read, [])
})

test('an organisation that is not linked is waited for; what is no organisation is left out', async () => {
  const { prepare, read } = open()
  assert.deepEqual((await prepare(customer, unlinked)).asOutreach(unlinked), { kind: 'not-yet' })
  assert.deepEqual((await prepare(customer, person)).asOutreach(person), {
    kind: 'cannot',
    why: 'Workbooks shows no organisation of this id',
  })
  assert.deepEqual(read, [`organisation ${unlinked}`, `organisation ${person}`])
})

test('what a customer is, is known for a minute', async () => {
  const { prepare, read, clock } = open()
  await prepare(customer, person)
  clock.now = 59_999
  await prepare(customer, person)
  assert.equal(read.length, 1)
  clock.now = 60_000
  await prepare(customer, person)
  assert.equal(read.length, 2)
})

test('a column that names only organisations asks nobody', async () => {
  const { prepare, read } = open()
  assert.deepEqual((await prepare(employer, person)).asOutreach(person), { kind: 'not-yet' })
  assert.deepEqual(read, [])
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import type {
  WorkbooksAnswer,
  WorkbooksRecord,
  WorkbooksWrite,
} from '../../../clients/workbooks/workbooks-client.ts'
import { fingerprintOf } from '../../../schemas/fingerprint.ts'
import type { Records } from '../batching/make-records.ts'
import type { Hint } from '../hint.ts'
import { opportunity } from '../kinds/opportunity.ts'
import { organisation } from '../kinds/organisation.ts'
import { settleKind } from '../kinds/settle-kind.ts'
import { noteBoth, noteFound, noteOutreach, notePatched, notingRecords } from './note-records.ts'
import { makeNotedVersions } from './noted-versions.ts'

const kind = settleKind(organisation)
const call = { lane: 'live' } as const
const account = (attributes: OutreachRecord['attributes'], owner = '7'): OutreachRecord => ({
  ...{ type: 'account', id: '4101', attributes, links: { owner }, readAt: 0 },
})
const row = (id: string, lockVersion: number, isDeleted = false): WorkbooksRecord => ({
  ...{ controller: 'crm/organisations', id, lockVersion, columns: {}, isDeleted, readAt: 0 },
})
const fingerprint = (record: OutreachRecord) => fingerprintOf(kind.fingerprinted, record)

function open(side: Hint['side'], answer: WorkbooksAnswer = { kind: 'stale' }) {
  const versions = makeNotedVersions()
  const absent = () => Promise.reject(new Error('Nobody asks this here'))
  const write = () => Promise.resolve(answer)
  const plain: Records = {
    readWorkbooks: (id) => Promise.resolve({ kind: 'here', record: row(id, 3) }),
    readOutreach: (id) =>
      Promise.resolve(
        id === '9'
          ? { kind: 'unseen' }
          : { kind: 'here', record: { ...account({ name: 'Acme' }), id } },
      ),
    ...{ readOutreachIdly: absent, findInWorkbooks: absent, findDeletedInWorkbooks: absent },
    ...{ writeWorkbooks: write, writeAlone: write },
    ...{ readRow: absent, leaveRowsAlone: absent, rowsWereWritten: absent },
  }
  const hint = { kind: 'organisation', side, id: side === 'workbooks' ? '226' : '4101', events: [] }
  const records = notingRecords(plain, { kind, hint, versions })
  const noted = () => versions.unkept().map(({ system, id, version }) => [system, id, version])
  return { records, versions, noted, work: { kind, versions } }
}

const update = (lockVersion: number): WorkbooksWrite => ({
  ...{ kind: 'update', id: '226', lockVersion, columns: {} },
})
const written = (id: string, lockVersion: number): WorkbooksAnswer => ({
  ...{ kind: 'written', id, lockVersion, columns: {} },
})

test('a hint has handled the record that it is about, and not each that was read on the way', async () => {
  const { records, noted } = open('workbooks')
  await records.readWorkbooks('226', call)
  await records.readWorkbooks('227', call)
  await records.readOutreach('4101', call)
  assert.deepEqual(noted(), [['workbooks', '226', '3']])
})

test('what cannot be seen has no version', async () => {
  const { records, noted, work } = open('outreach')
  await records.readOutreach('9', call)
  noteFound(work, { w: { kind: 'unseen' }, o: { kind: 'gone' } })
  assert.deepEqual(noted(), [])
})

test('our conditional write turns the version that was read into the one that was answered', async () => {
  const { records, noted } = open('workbooks', written('226', 4))
  await records.readWorkbooks('226', call)
  await records.writeWorkbooks(update(3), call)
  assert.deepEqual(noted(), [['workbooks', '226', '4']])
})

test('... where that version was acted on: a flag on another record says nothing of what it holds', async () => {
  const { records, noted } = open('outreach', written('226', 4))
  await records.writeAlone(update(3), call)
  assert.deepEqual(noted(), [])
})

test('a write that met another version leaves what was read', async () => {
  const { records, noted } = open('workbooks')
  await records.readWorkbooks('226', call)
  await records.writeWorkbooks(update(3), call)
  assert.deepEqual(noted(), [['workbooks', '226', '3']])
})

test('what we create is handled as it was made, what we delete as deleted (workbooks-api 5.4)', async () => {
  const made = open('outreach', written('301', 0))
  await made.records.writeWorkbooks({ kind: 'create', columns: {} }, call)
  assert.deepEqual(made.noted(), [['workbooks', '301', '0']])
  const gone = open('workbooks', written('226', 3))
  await gone.records.readWorkbooks('226', call)
  await gone.records.writeWorkbooks({ kind: 'delete', id: '226', lockVersion: 3 }, call)
  assert.deepEqual(gone.noted(), [['workbooks', '226', '3 deleted']])
})

test('of the answer to a PATCH only what we wrote is taken: the rest may be an edit that nobody merged', () => {
  const { work, versions } = open('workbooks')
  const read = account({ name: 'Acme', industry: 'Food' })
  const answer = account({ name: 'Acme L', industry: 'Edited meanwhile' }, '8')
  const write = { attributes: { name: ' Acme L ' }, links: { owner: { type: 'user', id: '9' } } }
  noteBoth(work, { w: row('226', 3), o: read })
  notePatched(work, { read, write, answer })
  const [, noted] = versions.unkept()
  assert.equal(noted?.version, fingerprint(account({ name: 'Acme L', industry: 'Food' }, '8')))
  assert.notEqual(noted.version, fingerprint(answer))
})

test('an answer that leaves out what we wrote, or has it blank', () => {
  const { work, versions } = open('workbooks')
  const read = account({ name: 'Acme', industry: 'Food' })
  const write = { attributes: { name: 'New', industry: 'Unknown' }, links: { owner: null } }
  noteBoth(work, { w: row('226', 3), o: read })
  const answer = { ...account({ industry: null }), links: {} }
  notePatched(work, { read, write, answer })
  const expected = { ...account({ name: 'New' }), links: { owner: null } }
  assert.equal(versions.unkept()[1]?.version, fingerprint(expected))
})

test('a record that was read with its people’s rows: itself without them, and all of them together', () => {
  const versions = makeNotedVersions()
  const work = { kind: settleKind(opportunity), versions }
  const row = (id: string, role: string) => ({ id, member: '88001', role, updatedAt: '' })
  const deal = (rows?: readonly unknown[]): OutreachRecord => ({
    ...{ type: 'opportunity', id: '950', links: {}, readAt: 0 },
    attributes: { name: 'Renewal', ...(rows && { opportunityProspectRole: rows }) },
  })
  const noted = (rows?: readonly unknown[]) => {
    versions.clear()
    noteOutreach(work, deal(rows))
    return versions.unkept().map(({ type, id, version }) => ({ of: `${type} ${id}`, version }))
  }
  const [itself, ...others] = noted()
  assert.deepEqual(others, [], 'rows that could not be read have no version')
  const [two, one] = [noted([row('1', 'Buyer'), row('2', '')]), noted([row('1', 'Buyer')])]
  assert.deepEqual([two[0], one[0]], [itself, itself])
  assert.equal(two[1]?.of, 'opportunityProspectRole-set 950')
  assert.notEqual(two[1].version, one[1]?.version)
  assert.deepEqual(noted([row('2', ''), row('1', 'Buyer')]), two)
})

test('what is in the state is not written twice, and a new try begins afresh', () => {
  const { versions, noted, work } = open('workbooks')
  noteBoth(work, { w: row('226', 3), o: account({}) })
  const first = versions.unkept()
  versions.advance({ system: 'workbooks', type: 'organisation', id: '226', version: '3' }, '4')
  versions.kept(first)
  assert.deepEqual(noted(), [['workbooks', '226', '4']], 'it was not this version that was kept')
  versions.kept(versions.unkept())
  noteBoth(work, { w: row('226', 4), o: account({}) })
  assert.deepEqual(noted(), [])
  versions.clear()
  assert.deepEqual(noted(), [])
})

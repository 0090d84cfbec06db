import assert from 'node:assert/strict'
import { test } from 'vitest'
import { UnknownAnswer } from '../../../clients/errors.ts'
import { opportunity } from '../kinds/opportunity.ts'
import { settleKind } from '../kinds/settle-kind.ts'
import { contactField, mara } from '../members/members.fixture.ts'
import { printMemory, type PairMemory } from '../merge/memory.ts'
import { settlePending } from '../merge/settle-pending.ts'
import type { PairMerge } from './merge-pair.ts'
import { writeMemberRows } from './write-member-rows.ts'

const field = contactField({ ...mara, rowIds: ['612'] })
const name = field.workbooks
const row = { id: '612', member: mara.outreachId, role: 'Partner', updatedAt: '' }
const agreed = { [name]: { w: ['Partner'], o: ['Partner'], rows: ['612'] } }

/** Partner became two roles in Workbooks; the first call is answered, the second never. */
async function breakOff(): Promise<PairMemory> {
  const wanted = ['Buyer', 'Champion']
  const deps = {
    now: () => 0,
    store: { write: () => Promise.resolve([]) },
    outreach: {
      update: (_ref: unknown, { attributes }: { attributes: object }) =>
        Promise.resolve({ type: 'opportunityProspectRole', id: '612', attributes, links: {} }),
      create: () =>
        Promise.reject(
          new UnknownAnswer('The connection was lost', { system: 'outreach', status: 0 }),
        ),
    },
  }
  const work = {
    kind: { ...settleKind(opportunity), fields: [field] },
    call: { lane: 'live' },
    calls: { count: 0 },
    signal: new AbortController().signal,
    records: { rowsWereWritten: () => Promise.resolve() },
  }
  const memory: PairMemory = { agreed }
  const merge = {
    pair: { workbooksId: '5101', outreachId: '950', status: 'linked', memory: printMemory(memory) },
    o: {
      type: 'opportunity',
      id: '950',
      attributes: { [field.members.rowType]: [row] },
      readAt: 0,
    },
    merged: { send: { [name]: wanted }, receive: {}, conflicts: [] },
    values: { w: { [name]: wanted }, o: { [name]: ['Partner'] } },
    memory,
    sourceTimeOf: () => 0,
  }
  // Only these parts are looked at.
  const asked = { merge: merge as unknown as PairMerge, memory }
  const write = await writeMemberRows(deps as never, work as never, asked)
  assert.equal(write.kind, 'again')
  return write.memory
}

test('broken off between two calls for one person: what the rows say is agreed, Workbooks stays a change', async () => {
  const { agreed } = await breakOff()
  assert.deepEqual([agreed[name]?.w, agreed[name]?.o], [['Buyer'], ['Buyer']])
})

test('... so that taking the edit back in Workbooks is one more edit, whether the first call was heard or not', async () => {
  const broken = await breakOff()
  const back = { w: { [name]: ['Partner'] }, o: { [name]: ['Buyer'] } }
  const { memory } = settlePending(broken, back)
  assert.deepEqual(memory.agreed[name]?.w, ['Buyer'])
})

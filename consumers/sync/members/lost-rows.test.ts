import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import type { OutreachFound } from '../pair/work.ts'
import { withLostRows } from './lost-rows.ts'
import { contactField, contactsLine, mara } from './members.fixture.ts'
import { rowsOn, type Row } from './rows.ts'

const line = contactsLine()
const { rowType } = line.members
const listed: Row = { id: '611', member: '88002', role: 'Buyer', updatedAt: '' }
const agreed = { w: ['Partner'], o: ['Partner'], rows: ['612'] }
const memory = { agreed: { [contactField(mara).workbooks]: agreed } }

const rowOf = (opportunity: string): OutreachFound => ({
  kind: 'here',
  record: {
    ...{ type: rowType, id: '612', attributes: { role: 'Partner' }, readAt: 0 },
    links: { opportunity, prospect: mara.outreachId },
  },
})

async function show(row: OutreachFound, changed: Readonly<Record<string, unknown>> = {}) {
  const asked: string[] = []
  const readRow = (id: string) => {
    asked.push(id)
    return Promise.resolve(row)
  }
  const calls = { count: 0 }
  const work = {
    kind: { fields: [line] },
    hint: { events: [{ changed }] },
    calls,
    records: { readRow },
  }
  const o: OutreachRecord = {
    ...{ type: 'opportunity', id: '950', links: {}, readAt: 0 },
    attributes: { [rowType]: [listed] },
  }
  // Only these parts are looked at.
  const shown = await withLostRows(work as never, { o, memory })
  const ids = (rowsOn(shown.o.attributes, rowType) ?? []).map(({ id }) => id)
  return { asked, ids, hidden: [...(shown.work.hiddenRows ?? [])], calls: calls.count }
}

// prettier-ignore
const cases: readonly { says: string; row: OutreachFound; ids: string[]; hidden: string[] }[] = [
  { says: 'is there: it counts',                                 row: rowOf('950'),       ids: ['611', '612'], hidden: [] },
  { says: 'was moved to another record: it is none of this one', row: rowOf('951'),       ids: ['611'],        hidden: [] },
  { says: 'is gone: so it is',                                   row: { kind: 'gone' },   ids: ['611'],        hidden: [] },
  { says: 'is hidden from us: nothing is proved',                row: { kind: 'unseen' }, ids: ['611'],        hidden: ['612'] },
]

test.each(cases)(
  'a row that was agreed on and is not listed $says',
  async ({ row, ids, hidden }) => {
    assert.deepEqual(await show(row), { asked: ['612'], ids, hidden, calls: 1 })
  },
)

test('a row whose end an event tells is not asked for', async () => {
  const gone = { id: '612', member: mara.outreachId, role: 'Partner', updatedAt: '', isGone: true }
  const { asked, ids } = await show(rowOf('950'), { [rowType]: [gone] })
  assert.deepEqual([asked, ids], [[], ['611']])
})

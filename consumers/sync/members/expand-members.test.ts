import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import type { WorkbooksRecord } from '../../../clients/workbooks/workbooks-client.ts'
import type { Pair } from '../../../state/pairs.ts'
import { opportunity } from '../kinds/opportunity.ts'
import { settleKind } from '../kinds/settle-kind.ts'
import { expandMembers } from './expand-members.ts'

const base = 'opportunity_contact_ids'

const w = (columns: object): WorkbooksRecord => ({
  ...{ controller: 'crm/opportunities', id: '5101', lockVersion: 0, isDeleted: false, readAt: 0 },
  columns: { ...columns },
})
const o = (attributes: object): OutreachRecord => ({
  ...{ type: 'opportunity', id: '950', links: {}, readAt: 0 },
  attributes: { ...attributes },
})
const rows = (...members: readonly string[]) => ({
  opportunityProspectRole: members.map((member, at) => {
    return { id: String(612 + at), member, role: '', updatedAt: '' }
  }),
})

const linked = { status: 'linked', workbooksId: '12', outreachId: '88001' } as Pair

/** 12 is linked with 88001, 226 is an organisation, whoever else is asked for is a person. */
async function expand(
  seen: Parameters<typeof expandMembers>[2],
  known: readonly Pair[] = [linked],
) {
  const asked: string[] = []
  const deps = {
    pairs: {
      byRecords: (_kind: string, side: string, ids: readonly string[]) => {
        const idOf = (pair: Pair) => (side === 'workbooks' ? pair.workbooksId : pair.outreachId)
        return Promise.resolve(known.filter((pair) => ids.includes(idOf(pair))))
      },
    },
    parties: {
      othersThan: (_kind: string, ids: readonly string[]) => {
        asked.push(...ids)
        return Promise.resolve(new Set(ids.filter((id) => id === '226')))
      },
    },
  }
  const work = { kind: settleKind(opportunity), call: { lane: 'live' }, hint: { events: [] } }
  // Only these parts are looked at.
  const expanded = await expandMembers(deps as never, work as never, seen)
  const own = expanded.kind.fields.filter(({ form }) => form === 'member')
  return { asked, fields: expanded.kind.fields, members: own.map(({ member }) => member) }
}

test('everybody on either side has a field of their own, a linked person one for both', async () => {
  const columns = { [base]: [12, 226, 14], opportunity_contact_roles: ['Partner', '', ''] }
  const { members, asked } = await expand({ w: w(columns), o: o(rows('88001', '88009')) })
  assert.deepEqual(
    members.map((member) => [member?.workbooksId, member?.outreachId, member?.isStranger]),
    [
      ['12', '88001', undefined],
      ['226', undefined, true],
      ['14', undefined, undefined],
      [undefined, '88009', undefined],
    ],
  )
  assert.deepEqual(asked, ['226', '14'])
})

const closed: Pair = { ...linked, status: 'closed', closedWhy: 'workbooks gone' }
const forgotten: Pair = { ...closed, status: 'forgotten' }

// prettier-ignore
test.each([
  ['is known as one of the pair, gone from where the record went', [closed], [['12', '88001', 'workbooks']]],
  ['... or from the other system', [{ ...closed, closedWhy: 'we deleted outreach' }], [['12', '88001', 'outreach']]],
  ['is another one where the pair was given up since', [forgotten, closed], [['12', undefined, undefined], [undefined, '88001', undefined]]],
  ['counts no more once the person has another partner', [{ ...linked, outreachId: '88009' }, closed], [['12', '88009', undefined], [undefined, '88001', undefined]]],
  ['... or the prospect has', [closed, { ...linked, workbooksId: '15' }], [['15', '88001', undefined], ['12', undefined, undefined]]],
] as const)('whose pair is closed %s', async (_says, known, want) => {
  const columns = { [base]: [12], opportunity_contact_roles: ['Partner'] }
  const { members } = await expand({ w: w(columns), o: o(rows('88001')) }, known)
  assert.deepEqual(
    members.map((member) => [member?.workbooksId, member?.outreachId, member?.goneFrom]),
    want,
  )
})

test('who was looked at before is not looked at again', async () => {
  const columns = { [base]: [226, 14], opportunity_contact_roles: [] }
  const memory = {
    agreed: { [`${base}[226]`]: { w: [''], o: null }, [`${base}[14]`]: { w: [''], o: null } },
    parents: [`${base}[14] workbooks:person:14`],
  }
  const { members, asked } = await expand({ w: w(columns), o: o(rows()), memory })
  assert.deepEqual(asked, [])
  assert.deepEqual(
    members.map((member) => member?.isStranger),
    [true, undefined],
  )
})

test('rows that cannot be read, and columns that are not shown, leave everybody alone', async () => {
  const columns = { [base]: [12], opportunity_contact_roles: [''] }
  for (const seen of [
    { w: w(columns), o: o({}) },
    { w: w({ [base]: [12] }), o: o(rows('88001')) },
    { w: w({}), o: o(rows('88001')) },
  ]) {
    const { fields } = await expand(seen)
    assert.deepEqual(
      fields.filter(({ members }) => members !== undefined),
      [],
    )
  }
})

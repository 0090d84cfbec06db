import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { Field } from '../fields/field.ts'
import type { HintEvent } from '../hint.ts'
import { contactField, mara } from '../members/members.fixture.ts'
import type { PairMemory } from './memory.ts'
import { makeTimeOf } from './times.ts'

const name: Field = {
  ...{ workbooks: 'name', outreach: 'name', form: 'text', direction: 'both' },
  ...{ onConflict: 'latest', onLink: 'workbooks' },
}
const at = (seconds: number) => new Date(seconds * 1_000).toISOString()
const event = (updatedAt: number, changed: HintEvent['changed']): HintEvent => ({
  ...{ id: `${updatedAt}`, origin: 'webhook', action: 'updated', updatedAt, changedAt: 0, changed },
  ...{ before: {}, links: {}, linksBefore: {} },
})

type Given = {
  readonly events?: readonly HintEvent[]
  readonly others?: readonly HintEvent[]
  readonly side?: 'workbooks' | 'outreach'
  readonly memory?: Partial<PairMemory>
  readonly updated?: number
}

function timeOf({ events = [], others = [], memory = {}, ...given }: Given): number {
  const { side = 'outreach', updated = 50 } = given
  const attributes = { name: 'x', updatedAt: at(updated) }
  const columns = { name: 'w', updated_at: at(updated) }
  const both = {
    w: { controller: '', id: '226', lockVersion: 1, columns, isDeleted: false, readAt: 0 },
    o: { type: 'account', id: '4101', attributes, links: {}, readAt: 0 },
  }
  const hint = { kind: 'organisation', side, id: '4101', events }
  return makeTimeOf({ hint, others, memory: { agreed: {}, ...memory }, ...both })(name, 'outreach')
}

const seen = (value: string, time: number) => ({ seen: { 'outreach/name': { value, time } } })
const ours = { ourTimes: { outreach: 50 } }

// prettier-ignore
const rows: readonly (Given & { says: string; want: number })[] = [
  { says: 'the updated time in the event that names the field',            events: [event(40, { name: 'x' })], want: 40 },
  { says: 'of two, the later',                                             events: [event(40, { name: 'x' }), event(45, { name: 'x' })], want: 45 },
  { says: 'an event that names another value does not count',              events: [event(40, { name: 'y' })], want: 50 },
  { says: 'a whole record, as a poller shows it, names nothing as changed', events: [{ ...event(40, { name: 'x' }), origin: 'reconciliation' }], want: 50 },
  { says: 'an event of the other side does not count',                     events: [event(40, { name: 'x' })], side: 'workbooks', want: 50 },
  { says: 'what waits of the other record tells its time too',            events: [], others: [event(40, { name: 'x' })], side: 'workbooks', want: 40 },
  { says: 'an event without a time does not count',                        events: [event(0, { name: 'x' })], want: 50 },
  { says: 'else the time when the value was first read',                   memory: seen('x', 30), want: 30 },
  { says: 'the time of another value does not count',                      memory: seen('y', 30), want: 50 },
  { says: 'the event counts before what was seen',                         events: [event(40, { name: 'x' })], memory: seen('x', 30), want: 40 },
  { says: 'else the record\'s updated time',                               want: 50 },
  { says: 'a time that our own write made does not count: nobody knows',   memory: ours, want: 0 },
  { says: '... but another event of this side may tell',                   memory: ours, events: [event(48, {}), event(50, {})], want: 48 },
  { says: '... and an event of the other side does not',                   memory: ours, events: [event(48, {})], side: 'workbooks', want: 0 },
]

test.each(rows)('the time of a change (rulebook 8, latest): $says', ({ want, ...given }) => {
  assert.equal(timeOf(given), want)
})

const [ids, texts] = ['opportunity_contact_ids', 'opportunity_contact_roles']
const now = { [ids]: [12], [texts]: ['Champion'], probability: 70, updated_at: at(50) }

// prettier-ignore
const contactRows: readonly { says: string; changed: HintEvent['changed']; want: number }[] = [
  { says: 'the event that names both columns',            changed: { [ids]: [12], [texts]: ['Champion'] }, want: 40 },
  { says: 'the event that names the roles only',          changed: { [texts]: ['Champion'] },              want: 40 },
  { says: 'another role does not count',                  changed: { [ids]: [12], [texts]: ['Buyer'] },    want: 50 },
  { says: 'an event that names neither does not count',   changed: { name: 'w' },                          want: 50 },
]

test.each(contactRows)(
  "the time of a contact's change in Workbooks: $says",
  ({ changed, want }) => {
    const events = [event(40, changed), event(50, { probability: 70 })]
    const time = makeTimeOf({
      hint: { kind: 'opportunity', side: 'workbooks', id: '5101', events },
      memory: { agreed: {} },
      w: { controller: '', id: '5101', lockVersion: 1, columns: now, isDeleted: false, readAt: 0 },
      o: { type: 'opportunity', id: '950', attributes: {}, links: {}, readAt: 0 },
    })(contactField(mara), 'workbooks')
    assert.equal(time, want)
  },
)

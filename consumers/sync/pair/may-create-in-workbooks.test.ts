import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { HintEvent } from '../hint.ts'
import type { CreateCondition } from '../kinds/kind.ts'
import { organisation } from '../kinds/organisation.ts'
import { settleKind } from '../kinds/settle-kind.ts'
import { mayCreateInWorkbooks } from './may-create-in-workbooks.ts'

const settled = settleKind(organisation)
const connectedAt = 1_000
const [before, after] = ['1970-01-01T00:16:39Z', '1970-01-01T00:16:40Z']

type Given = {
  readonly says: string
  readonly attributes?: Readonly<Record<string, unknown>>
  readonly event?: Partial<HintEvent>
  readonly when?: readonly CreateCondition[] | null
  readonly may: boolean
}

function refusal({ attributes = {}, event = {}, when }: Given): string | undefined {
  const told: HintEvent = {
    ...{ id: 'e', origin: 'webhook', action: 'updated', updatedAt: 0, changedAt: 0 },
    ...{ changed: {}, before: {}, links: {}, linksBefore: {} },
    ...event,
  }
  const conditions = when === null ? undefined : (when ?? settled.policy.createInWorkbooks)
  const kind = { ...settled, policy: { ...settled.policy, createInWorkbooks: conditions } }
  const hint = { kind: 'organisation', side: 'outreach', id: '4101', events: [told] } as const
  const record = {
    ...{ type: 'account', id: '4101', links: { owner: '44' }, readAt: 0 },
    attributes: { named: true, createdAt: before, ...attributes },
  }
  return mayCreateInWorkbooks({ kind, hint }, record, connectedAt)
}

const fresh = { createdAt: after }
const condition = (attribute: string, ...is: CreateCondition['is']) => ({
  ...{ attributes: { ...fresh, stage: null, tags: ['gold', 'hot'] } },
  when: [{ attribute, is }],
})

// prettier-ignore
const rows: readonly Given[] = [
  { says: '"created after the product was first connected"',                     attributes: fresh, may: true },
  { says: 'older, and a webhook names a mapped field of it',                     event: { changed: { name: 'New' } }, may: true },
  { says: 'older, and a webhook names its owner',                                event: { links: { owner: '44' } }, may: true },
  { says: 'older, and a webhook names only what is not mapped',                  event: { changed: { touchedAt: 'x' }, links: { creator: '4' } }, may: false },
  { says: '"what is older and merely found by the poller" waits for a backfill', event: { origin: 'reconciliation', changed: { name: 'New' } }, may: false },
  { says: 'also where it is told by one of its parts',                           event: { origin: 'reconciliation', action: 'requested' }, may: false },
  { says: 'a backfill that shows the whole record asks for it by a request',     event: { origin: 'backfill', changed: { name: 'New' } }, may: false },
  { says: 'older, and asked for by a backfill',                                  event: { origin: 'backfill', action: 'requested' }, may: true },
  { says: 'older, and asked for: by a relationship, a person, a backfill',       event: { action: 'requested', origin: 'relationship' }, may: true },
  { says: 'one without a time of creation is not new',                           attributes: { createdAt: null }, may: false },
  { says: 'an unnamed account, new as it is: made from an e-mail domain',        attributes: { ...fresh, named: false }, may: false },
  { says: 'an unnamed account that is asked for',                                attributes: { named: false }, event: { action: 'requested' }, may: false },
  { says: 'createInWorkbooks false',                                             attributes: fresh, when: null, may: false },
  { says: 'a condition on a relationship that holds',                            ...condition('owner', '44', '45'), may: true },
  { says: 'an id may be written as a number',                                    ...condition('owner', 44), may: true },
  { says: 'a condition on a relationship that does not hold',                    ...condition('owner', '45'), may: false },
  { says: '"of a list one of its elements"',                                     ...condition('tags', 'hot'), may: true },
  { says: 'no element of the list',                                              ...condition('tags', 'cold'), may: false },
  { says: 'a blank attribute where blank is allowed',                            ...condition('stage', null), may: true },
  { says: 'a blank attribute where it is not',                                   ...condition('stage', 'lead'), may: false },
]

test.each(rows)('may it be created in Workbooks (rulebook 3, 6): $says', (row) => {
  assert.equal(refusal(row) === undefined, row.may)
})

test('a refusal says what to do (rulebook 3)', () => {
  assert.match(refusal({ says: '', may: false }) ?? '', /"ops backfill organisation" brings it/)
})

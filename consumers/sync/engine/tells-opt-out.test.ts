import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { Hint, HintEvent } from '../hint.ts'
import { organisation } from '../kinds/organisation.ts'
import { person } from '../kinds/person.ts'
import { settleKind } from '../kinds/settle-kind.ts'
import { tellsOptOut } from './tells-opt-out.ts'

const kinds = [settleKind(organisation), settleKind(person)]

function hint(kind: string, side: Hint['side'], changed: Readonly<Record<string, unknown>>): Hint {
  const event: HintEvent = {
    ...{ id: 'e1', origin: 'webhook', action: 'updated', updatedAt: 0, changedAt: 0 },
    ...{ changed, before: {}, links: {}, linksBefore: {} },
  }
  return { kind, side, id: '12', events: [event] }
}

// prettier-ignore
const rows = [
  { says: 'optedOut in Outreach',           hint: hint('person', 'outreach', { optedOut: true }),              is: true },
  { says: 'emailOptedOut in Outreach',      hint: hint('person', 'outreach', { emailOptedOut: true }),         is: true },
  { says: 'taken back',                     hint: hint('person', 'outreach', { optedOut: false }),             is: false },
  { says: 'No Email, where a hook tells it', hint: hint('person', 'workbooks', { no_email_soliciting: true }), is: true },
  { says: 'anything else',                  hint: hint('person', 'outreach', { title: 'Buyer' }),              is: false },
  { says: 'another kind',                   hint: hint('organisation', 'outreach', { optedOut: true }),        is: false },
  { says: 'a kind that is switched off',    hint: hint('task', 'outreach', { optedOut: true }),                is: false },
]

test.each(rows)('$says', ({ hint: told, is }) => {
  assert.equal(tellsOptOut(kinds, told), is)
})

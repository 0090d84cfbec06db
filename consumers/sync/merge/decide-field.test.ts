import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import type { Translation } from '../fields/form.ts'
import type { Value } from '../fields/value.ts'
import { decideField, type Decision, type FieldNow } from './decide-field.ts'

type Rule = Parameters<typeof decideField>[0]

const usual: Rule = { direction: 'both', onConflict: 'latest', onLink: 'workbooks' }
const value = (carried: Value): Translation => ({ kind: 'value', value: carried })
const noWord = (blankWhenChanged: boolean): Translation => ({ kind: 'no-word', blankWhenChanged })
const cannot: Translation = { kind: 'cannot', why: 'it is not a number' }

type Row = {
  readonly says: string
  readonly now: Partial<FieldNow> & Pick<FieldNow, 'w' | 'o'>
  readonly rule?: Partial<Rule>
  readonly want: Decision
}

function decide({ now, rule = {} }: Row): Decision {
  const { w, o } = now
  const rest = { agreed: undefined, meansSame: w === o, wTime: 0, oTime: 0 }
  return decideField(
    { ...usual, ...rule },
    { ...rest, asOutreach: value(w), asWorkbooks: value(o), ...now },
  )
}

const nothing: Decision = { kind: 'nothing' }
const agree = (w: Value, o: Value): Decision => ({ kind: 'agree', agreed: { w, o } })
const send = (sent: Value): Decision => ({ kind: 'send', value: sent })
const receive = (received: Value): Decision => ({ kind: 'receive', value: received })
const workbooksWins = (sent: Value, losingValue: Value): Decision => ({
  ...{ kind: 'send', value: sent },
  conflict: { winner: 'workbooks', loser: 'outreach', losingValue },
})
const outreachWins = (received: Value, losingValue: Value): Decision => ({
  ...{ kind: 'receive', value: received },
  conflict: { winner: 'outreach', loser: 'workbooks', losingValue },
})
const ab = { w: 'a', o: 'b' }
const aa = { w: 'a', o: 'a' }
const apart = { w: 'a', o: 'b', apart: true } as const

// prettier-ignore
const table: readonly Row[] = [
  { says: '"w and o mean the same": agreed := (w, o)',                        now: { w: 'x', o: 'x', agreed: aa }, want: agree('x', 'x') },
  { says: 'they mean the same in two spellings: both spellings are agreed',   now: { w: '1,200', o: 1200, meansSame: true, agreed: { w: '7', o: 7 } }, want: agree('1,200', 1200) },
  { says: 'and nothing is remembered twice',                                  now: { w: 'a', o: 'a', agreed: aa }, want: nothing },
  { says: 'what stood apart and means the same now stands apart no more',     now: { w: 'a', o: 'a', agreed: { ...aa, apart: true } }, want: agree('a', 'a') },
  { says: '"only w has changed": write w to Outreach',                        now: { w: 'x', o: 'b', agreed: ab }, want: send('x') },
  { says: '"also when w is blank: somebody cleared it"',                      now: { w: null, o: 'b', agreed: ab }, want: send(null) },
  { says: '"only o has changed": write o to Workbooks',                       now: { w: 'a', o: 'x', agreed: ab }, want: receive('x') },
  { says: 'also when o is blank',                                             now: { w: 'a', o: null, agreed: ab }, want: receive(null) },
  { says: '"neither has changed, though they differ": a rendering',           now: { w: 'a', o: 'b', agreed: ab }, want: nothing },
  { says: '... or known to stand apart',                                      now: { w: 'a', o: 'b', agreed: apart }, want: nothing },
  { says: '"both have changed", latest: the later one, Outreach',             now: { w: 'x', o: 'y', agreed: ab, wTime: 10, oTime: 11 }, want: outreachWins('y', 'x') },
  { says: 'latest: the later one, Workbooks',                                 now: { w: 'x', o: 'y', agreed: ab, wTime: 11, oTime: 10 }, want: workbooksWins('x', 'y') },
  { says: '"a tie goes to Workbooks"',                                        now: { w: 'x', o: 'y', agreed: ab, wTime: 10, oTime: 10 }, want: workbooksWins('x', 'y') },
  { says: 'a time that nobody knows is the earliest',                         now: { w: 'x', o: 'y', agreed: ab, wTime: 0, oTime: 1 }, want: outreachWins('y', 'x') },
  { says: 'onConflict workbooks: whatever the times say',                     now: { w: 'x', o: 'y', agreed: ab, oTime: 11 }, rule: { onConflict: 'workbooks' }, want: workbooksWins('x', 'y') },
  { says: 'onConflict outreach: whatever the times say',                      now: { w: 'x', o: 'y', agreed: ab, wTime: 11 }, rule: { onConflict: 'outreach' }, want: outreachWins('y', 'x') },
  { says: 'a cleared value may lose, and is named',                           now: { w: null, o: 'y', agreed: ab, oTime: 11 }, want: outreachWins('y', null) },
  { says: 'both changed to the same: no conflict',                            now: { w: 'x', o: 'x', agreed: ab, oTime: 11 }, want: agree('x', 'x') },
  { says: '"never agreed": a blank side takes the other\'s value (Workbooks)', now: { w: null, o: 'y' }, want: receive('y') },
  { says: 'a blank side takes the other\'s value (Outreach)',                 now: { w: 'x', o: null }, want: send('x') },
  { says: '... whatever onLink says',                                         now: { w: 'x', o: null }, rule: { onLink: 'outreach' }, want: send('x') },
  { says: 'an empty list is blank',                                           now: { w: 'x', o: [] }, want: send('x') },
  { says: 'two values: onLink, by default workbooks',                         now: { w: 'x', o: 'y' }, want: send('x') },
  { says: 'two values: onLink outreach',                                      now: { w: 'x', o: 'y' }, rule: { onLink: 'outreach' }, want: receive('y') },
  { says: 'linked by an event of Outreach: a field that it names is received (3)', now: { w: 'x', o: 'y', namedFirst: true }, want: receive('y') },
  { says: '... but never against the direction',                              now: { w: 'x', o: 'y', namedFirst: true }, rule: { direction: 'send' }, want: send('x') },
  { says: 'never agreed, a send field follows its direction',                 now: { w: 'x', o: 'y' }, rule: { direction: 'send', onLink: 'outreach' }, want: send('x') },
  { says: 'never agreed, a receive field follows its direction',              now: { w: 'x', o: 'y' }, rule: { direction: 'receive' }, want: receive('y') },
  { says: '"but a blank source clears nothing at linking" (send)',            now: { w: null, o: 'y' }, rule: { direction: 'send' }, want: agree(null, 'y') },
  { says: '... (receive)',                                                    now: { w: 'x', o: null }, rule: { direction: 'receive' }, want: agree('x', null) },
  { says: '"send only": written when its source changes',                     now: { w: 'x', o: 'y', agreed: ab, oTime: 99 }, rule: { direction: 'send' }, want: send('x') },
  { says: 'later, a cleared source clears',                                   now: { w: null, o: 'b', agreed: ab }, rule: { direction: 'send' }, want: send(null) },
  { says: '"the other direction is never written" (send)',                    now: { w: 'a', o: 'y', agreed: ab }, rule: { direction: 'send' }, want: agree('a', 'y') },
  { says: '"receive only": written when its source changes',                  now: { w: 'x', o: 'y', agreed: ab, wTime: 99 }, rule: { direction: 'receive' }, want: receive('y') },
  { says: '"the other direction is never written" (receive)',                 now: { w: 'x', o: 'b', agreed: ab }, rule: { direction: 'receive' }, want: agree('x', 'b') },
  { says: 'a value that does not fit is left out, and not agreed',            now: { w: 'x', o: 'b', agreed: ab, asOutreach: cannot }, want: { kind: 'leave-out', why: 'it is not a number', side: 'outreach' } },
  { says: '... towards Workbooks as well',                                    now: { w: 'a', o: 'y', agreed: ab, asWorkbooks: cannot }, want: { kind: 'leave-out', why: 'it is not a number', side: 'workbooks' } },
]

describe('the table of rulebook 8', () => {
  test.each(table)('$says', (row) => {
    assert.deepEqual(decide(row), row.want)
  })
})

// prettier-ignore
const owners: readonly Row[] = [
  { says: '"when Assigned To changes to a name without a user, the owner becomes blank"', now: { w: 'Zoe', o: '44', agreed: { w: 'Amy', o: '44' }, asOutreach: noWord(true) }, want: send(null) },
  { says: 'a blank owner stays blank without a call',                          now: { w: 'Zoe', o: null, agreed: { w: 'Amy', o: null }, asOutreach: noWord(true) }, want: agree('Zoe', null) },
  { says: 'while nobody can list the users, nothing is cleared',               now: { w: 'Zoe', o: '44', agreed: { w: 'Amy', o: '44' }, asOutreach: noWord(false) }, want: agree('Zoe', '44') },
  { says: '"else it is left as it is": an owner without a queue',              now: { w: 'Amy', o: '45', agreed: { w: 'Amy', o: '44' }, asWorkbooks: noWord(false) }, want: agree('Amy', '45') },
  { says: '"remembered as agreed in its own form" at linking, too',            now: { w: 'Zoe', o: '44', asOutreach: noWord(true) }, want: agree('Zoe', '44') },
  { says: '"so it neither flaps nor overwrites"',                              now: { w: 'Zoe', o: '44', agreed: { w: 'Zoe', o: '44' }, asOutreach: noWord(true) }, want: nothing },
]

describe('owners that the other side has no word for (rulebook 9)', () => {
  test.each(owners)('$says', (row) => {
    assert.deepEqual(decide(row), row.want)
  })
})

const met = (named: boolean) => ({ standsUnlessNamed: { named } })

// prettier-ignore
const firstConnection: readonly Row[] = [
  { says: 'a hint of Outreach before its turn: the named fields win',            now: { w: 'a', o: 'b', ...met(true) }, want: receive('b') },
  { says: '... also where the value was cleared there',                          now: { w: 'a', o: null, ...met(true) }, want: receive(null) },
  { says: '"the rest is remembered as it stands"',                               now: { w: 'a', o: 'b', ...met(false) }, want: { kind: 'agree', agreed: apart } },
  { says: '... also beside a blank',                                             now: { w: null, o: 'b', ...met(false) }, want: { kind: 'agree', agreed: { w: null, o: 'b', apart: true } } },
  { says: '... but not an owner whom nobody is there, beside none',              now: { w: 'Zoe', o: null, asOutreach: noWord(true), ...met(false) }, want: agree('Zoe', null) },
  { says: '... nor a user without a queue, beside nobody',                       now: { w: null, o: '45', asWorkbooks: noWord(false), ...met(false) }, want: agree(null, '45') },
  { says: '... though two whom the others do not know do',                       now: { w: 'Zoe', o: '45', asOutreach: noWord(true), asWorkbooks: noWord(false), ...met(false) }, want: { kind: 'agree', agreed: { w: 'Zoe', o: '45', apart: true } } },
  { says: '"what is equal is agreed"',                                           now: { w: 'a', o: 'a', ...met(false) }, want: agree('a', 'a') },
  { says: 'a send field is not written by a hint of Outreach',                   now: { w: 'a', o: 'b', ...met(true) }, rule: { direction: 'send' }, want: { kind: 'agree', agreed: apart } },
  { says: '"only a later edit moves it" (Workbooks)',                            now: { w: 'x', o: 'b', agreed: apart }, want: send('x') },
  { says: '"only a later edit moves it" (Outreach)',                             now: { w: 'a', o: 'y', agreed: apart }, want: receive('y') },
  { says: 'the hint afterwards, Outreach names the value remembered as ao: as if first', now: { w: 'a', o: 'b', agreed: apart, decideApart: 'outreach' }, want: receive('b') },
  { says: '... but never against the direction',                                 now: { w: 'a', o: 'b', agreed: apart, decideApart: 'outreach' }, rule: { direction: 'send' }, want: nothing },
  { says: '... an edit in Workbooks since then is named in a conflict, not lost', now: { w: 'x', o: 'b', agreed: apart, decideApart: 'outreach', oTime: 9 }, want: outreachWins('b', 'x') },
  { says: 'the hint afterwards, from Workbooks: onLink, by default workbooks',   now: { w: 'a', o: 'b', agreed: apart, decideApart: 'workbooks' }, want: send('a') },
  { says: '... onLink outreach',                                                 now: { w: 'a', o: 'b', agreed: apart, decideApart: 'workbooks' }, rule: { onLink: 'outreach' }, want: receive('b') },
  { says: '... an edit in Outreach since then is named in a conflict, not lost', now: { w: 'a', o: 'y', agreed: apart, decideApart: 'workbooks', wTime: 9 }, want: workbooksWins('a', 'y') },
  { says: '... a later edit in Workbooks is simply sent',                        now: { w: 'x', o: 'b', agreed: apart, decideApart: 'workbooks' }, rule: { onLink: 'outreach' }, want: send('x') },
]

describe('pairs that the old plug-in linked (rulebook 3)', () => {
  test.each(firstConnection)('$says', (row) => {
    assert.deepEqual(decide(row), row.want)
  })
})

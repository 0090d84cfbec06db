import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { Field } from '../fields/field.ts'
import type { Value } from '../fields/value.ts'
import { makeCarrierOf } from './carriers.ts'
import type { Agreed } from './decide-field.ts'
import { mergeFields, type Carrier } from './merge-fields.ts'

const employer: Field = {
  ...{ workbooks: 'employer_link', outreach: 'account', form: 'parent' },
  ...{ direction: 'both', onConflict: 'latest', onLink: 'workbooks' },
  parent: { kind: 'organisation', outreachType: 'account' },
}

/** Organisation n is linked with account n0, where n is among these. */
function linkedWith(ids: readonly string[]): Carrier {
  const say = (id: Value, partner: string) => {
    if (id === null) return { kind: 'value', value: null } as const
    const isLinked = ids.some((one) => one === id || `${one}0` === id)
    return isLinked ? ({ kind: 'value', value: partner } as const) : ({ kind: 'not-yet' } as const)
  }
  const asOutreach = (w: Value) => say(w, `${String(w)}0`)
  const asWorkbooks = (o: Value) => say(o, String(o).slice(0, -1))
  return {
    asOutreach,
    asWorkbooks,
    meansSame: (w, o) => {
      const said = asOutreach(w)
      return w === null ? o === null : said.kind === 'value' && said.value === o
    },
  }
}

type Row = {
  readonly says: string
  readonly linked: readonly string[]
  readonly agreed?: Agreed
  readonly w: Value
  readonly o: Value
  readonly onLink?: Field['onLink']
  readonly direction?: Field['direction']
  readonly send?: Value
  readonly receive?: Value
}

const agreed = (w: Value, o: Value, says: Agreed['says'] = ['', '']): Agreed => ({ w, o, says })
const together = agreed('1', '10', ['10', '1'])

// prettier-ignore
const rows: readonly Row[] = [
  { says: 'never agreed, the employer is linked: its account',                linked: ['1'],      w: '1',  o: null, send: '10' },
  { says: 'never agreed, the employer is not linked: nothing',                linked: [],         w: '1',  o: null },
  { says: 'never agreed, a guessed account: neither overwrites the other',    linked: [],         w: '1',  o: '90' },
  { says: 'never agreed, blank here, the account is linked: its organisation', linked: ['2'],     w: null, o: '20', receive: '2' },
  { says: 'the employer changed: the account follows',                        linked: ['1', '2'], agreed: together, w: '2',  o: '10', send: '20' },
  { says: 'the employer was cleared: so is the account',                      linked: ['1'],      agreed: together, w: null, o: '10', send: null },
  { says: 'the employer changed to one that is not linked: the account stays', linked: ['1'],     agreed: together, w: '3',  o: '10' },
  { says: 'the prospect was moved: the employer follows',                     linked: ['1', '2'], agreed: together, w: '1',  o: '20', receive: '2' },
  { says: 'the prospect was moved to an account without a partner: it waits', linked: ['1'],      agreed: together, w: '1',  o: '30' },
  { says: 'the prospect was taken out: the employer is cleared',              linked: ['1'],      agreed: together, w: '1',  o: null, receive: null },
  { says: 'its account is gone, with its pair: nobody loses an employer',     linked: [],         agreed: together, w: '1',  o: null },
  { says: 'remembered apart, nothing was linked since: nothing',              linked: [],         agreed: agreed('1', '90'), w: '1', o: '90' },
  { says: 'remembered apart, now the employer is linked: as never agreed',    linked: ['1'],      agreed: agreed('1', '90'), w: '1', o: '90', send: '10' },
  { says: 'remembered apart, now the account is linked: the employer stands', linked: ['9'],      agreed: agreed('1', '90'), w: '1', o: '90' },
  { says: 'the same with onLink outreach: the account decides',               linked: ['9'],      agreed: agreed('1', '90'), w: '1', o: '90', onLink: 'outreach', receive: '9' },
  { says: 'remembered apart, then moved: the move counts',                    linked: ['2'],      agreed: agreed('1', '90'), w: '1', o: '20', receive: '2' },
  { says: 'blank here and an account, now linked: its organisation',          linked: ['9'],      agreed: agreed(null, '90'), w: null, o: '90', receive: '9' },
  { says: 'a guessed account that was linked all along: nothing',             linked: ['9'],      agreed: agreed(null, '90', ['', '9']), w: null, o: '90' },
  { says: 'send only: a move in Outreach is remembered, and stays so',        linked: ['1', '2'], agreed: agreed('1', '20', ['10', '2']), w: '1', o: '20', direction: 'send' },
]

test.each(rows)('$says', ({ linked, w, o, send, receive, ...row }) => {
  const carrier = linkedWith(linked)
  const { onLink = 'workbooks', direction = 'both' } = row
  const merged = mergeFields({
    ...{ fields: [{ ...employer, onLink, direction }], w: { employer_link: w } },
    carrierOf: makeCarrierOf({ owner: carrier, parentOf: () => carrier }),
    o: { employer_link: o },
    memory: { agreed: row.agreed === undefined ? {} : { employer_link: row.agreed } },
    meeting: { standsUnlessNamed: false, named: {}, workbooksDecidesApart: false },
    timeOf: () => 0,
  })
  assert.deepEqual(
    [merged.send, merged.receive],
    [
      send === undefined ? {} : { employer_link: send },
      receive === undefined ? {} : { employer_link: receive },
    ],
  )
})

test('a move that waits is still a change once its account is linked, though the employer is linked too', () => {
  const before = linkedWith(['1'])
  const asked = {
    ...{ fields: [employer], w: { employer_link: '1' }, o: { employer_link: '30' } },
    meeting: { standsUnlessNamed: false, named: {}, workbooksDecidesApart: false },
    timeOf: () => 7,
  }
  const memory = { agreed: { employer_link: together } }
  const waiting = mergeFields({
    ...asked,
    memory,
    carrierOf: makeCarrierOf({ owner: before, parentOf: () => before }),
  })
  assert.deepEqual(waiting.agreed, memory.agreed)
  assert.deepEqual(waiting.seen, { 'outreach/employer_link': { value: '30', time: 7 } })

  const after = linkedWith(['1', '3'])
  const carrierOf = makeCarrierOf({ owner: after, parentOf: () => after })
  const { receive } = mergeFields({ ...asked, memory: waiting, carrierOf })
  assert.deepEqual(receive, { employer_link: '3' })
})

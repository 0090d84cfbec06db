import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { System } from '../../../schemas/record-ref.ts'
import type { Value } from '../fields/value.ts'
import { makeMemberCarrier } from '../members/member-carrier.ts'
import { contactField, mara } from '../members/members.fixture.ts'
import type { Agreed } from './decide-field.ts'
import { mergeFields } from './merge-fields.ts'

const says: Agreed['says'] = ['88001', '12']
const partner: Agreed = { w: ['Partner'], o: ['Partner'], says }

type Given = {
  readonly goneFrom?: System
  readonly w: Value
  readonly o: Value
  readonly agreed?: Agreed
}

function merge({ goneFrom, w, o, agreed = partner }: Given) {
  const field = contactField({ ...mara, goneFrom })
  const name = field.workbooks
  const { send, receive, conflicts, ...merged } = mergeFields({
    fields: [field],
    carrierOf: makeMemberCarrier,
    ...{ w: { [name]: w }, o: { [name]: o } },
    memory: { agreed: { [name]: agreed } },
    meeting: { standsUnlessNamed: false, named: {}, workbooksDecidesApart: false },
    timeOf: () => 0,
  })
  const wanted = [...Object.values(send), ...Object.values(receive), ...conflicts]
  return { wanted, agreed: merged.agreed[name], receive: receive[name] }
}

const nobody: Agreed = { w: null, o: null, says }

// prettier-ignore
const rows: readonly (Given & { says: string; want: Agreed })[] = [
  { says: 'nothing happened',                              w: ['Partner'], o: ['Partner'],  want: partner },
  { says: 'the role was changed in Outreach',              w: ['Partner'], o: ['Champion'], want: partner },
  { says: 'somebody took them off in Outreach',            w: ['Partner'], o: null,         want: partner },
  { says: 'their record took them along in Workbooks',     w: null,        o: ['Partner'],  want: nobody },
  { says: '... in Outreach', goneFrom: 'outreach',         w: ['Partner'], o: null,         want: nobody },
  { says: 'a contact in Workbooks alone', agreed: nobody,  w: ['Partner'], o: null,         want: nobody },
]

test.each(rows)('whose pair is closed is left out of the merge: $says', ({ want, ...given }) => {
  assert.deepEqual(merge({ goneFrom: 'workbooks', ...given }), {
    ...{ wanted: [], agreed: want, receive: undefined },
  })
})

test('opened again, what happened meanwhile is an edit like any other', () => {
  assert.deepEqual(merge({ w: ['Partner'], o: ['Champion'] }).receive, ['Champion'])
  assert.deepEqual(merge({ w: ['Partner'], o: null }).wanted, [null])
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { RecordRef } from '../../../schemas/record-ref.ts'
import type { Parked } from '../../../state/parked.ts'
import { kindDefinitions } from '../kinds/kinds.ts'
import { settleKind } from '../kinds/settle-kind.ts'
import { isAbandoned, makeHintQueue } from './hint-queue.ts'
import { makeTakeParked } from './take-parked.ts'

const [organisation] = kindDefinitions
assert.ok(organisation)
const kind = settleKind(organisation)
const refOf = (id: string): RecordRef => `outreach:account:${id}`
const toRow = (record: RecordRef): Parked => ({
  ...{ record, kind: kind.name, reason: 'It failed.', cause: 'record', attempts: 1 },
  ...{ since: 0, due: 0, revision: 0 },
  hint: JSON.stringify({
    ...{ kind: kind.name, side: 'outreach', id: record.split(':').at(-1), events: [] },
  }),
})

test('a row that another process has come by leaves the queue, in hand or not; the others stay', async () => {
  const queue = makeHintQueue()
  let due = ['1', '2', '3'].map(refOf)
  let lost: readonly RecordRef[] = []
  const { take } = makeTakeParked({
    ...{ kinds: [kind], queue, most: 10, now: () => 0 },
    leases: {
      due: () => Promise.resolve(due),
      claim: (records) => Promise.resolve(due.filter((ref) => records.includes(ref)).map(toRow)),
      renew: () => Promise.resolve(lost),
      free: () => Promise.resolve(),
    },
  })
  await take()
  const [inHand] = queue.take(0, 1)
  assert.equal(inHand?.ref, refOf('1'))
  due = []
  lost = [refOf('1'), refOf('2')]
  await take()
  queue.dropAbandoned()
  assert.equal(isAbandoned(inHand), true)
  assert.deepEqual(queue.parkedRefs(), [refOf('3')])
  assert.deepEqual([queue.isKnown(refOf('2')), queue.isKnown(refOf('3'))], [false, true])
})

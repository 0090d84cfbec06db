import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { Field } from '../fields/field.ts'
import { rememberArrived } from './arrived-write.ts'
import type { PairMemory, PendingWrite } from './memory.ts'
import { settlePending } from './settle-pending.ts'

const name: Field = {
  ...{ direction: 'both', onConflict: 'latest', onLink: 'workbooks' },
  ...{ workbooks: 'name', outreach: 'name', form: 'text' },
}
const updatedAt = '1970-01-01T00:01:50.000Z'

function remember(pending: Partial<PendingWrite>, now: { w: string; o: string; lock?: number }) {
  const fields = { name: { from: 'ours', sent: 'ours', was: 'old', sourceTime: 100 } }
  const before: PairMemory = {
    agreed: { name: { w: 'old', o: 'old' } },
    pending: { system: 'outreach', fields, ...pending },
    lockVersion: 7,
  }
  const values = { w: { name: now.w }, o: { name: now.o } }
  return rememberArrived({
    ...{ before, settled: settlePending(before, values), fields: [name], nowMs: 120_000 },
    w: { columns: { updated_at: 'Thu Jan 01 00:02:00 UTC 1970' }, lockVersion: now.lock ?? 7 },
    o: { attributes: { name: now.o, updatedAt }, links: {} },
  })
}

test('a PATCH that arrived unheard is known, so that its echo shows whose edit it overwrote', () => {
  const patch = { read: 'old', left: 'ours', w: 'ours', sourceTime: 100 }
  assert.deepEqual(remember({}, { w: 'ours', o: 'ours' }).patches, [
    { at: 120_000, updatedAt, fields: { name: patch } },
  ])
})

test('a PATCH that never arrived, or was edited over since, is not', () => {
  assert.equal(remember({}, { w: 'ours', o: 'old' }).patches, undefined)
  assert.equal(remember({}, { w: 'ours', o: 'theirs' }).patches, undefined)
})

test('nor is the write that put an edit back: the other side has yet to receive it', () => {
  const fields = { name: { from: 'old', sent: 'ours', was: 'x', isRestored: true as const } }
  assert.equal(remember({ fields }, { w: 'old', o: 'ours' }).patches, undefined)
})

test('the time of an update that arrived unheard is ours, as long as nobody wrote after it', () => {
  const ofLock = (lock: number) =>
    remember({ system: 'workbooks' }, { w: 'ours', o: 'ours', lock }).ourTimes?.workbooks
  assert.deepEqual([ofLock(7), ofLock(8), ofLock(9)], [undefined, 120, undefined])
})

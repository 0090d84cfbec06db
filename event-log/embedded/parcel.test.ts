import assert from 'node:assert/strict'
import { test } from 'vitest'
import { packParcel, unpackParcel } from './parcel.ts'

test('what is packed comes out as it went in, whatever it was a part of', () => {
  const pool = Buffer.from('some long pool')
  const items = [pool.subarray(5, 9), Buffer.alloc(0), Buffer.from('ü')]
  const parcel = packParcel(items)
  assert.equal(parcel.bytes.byteLength, 6)
  assert.deepEqual(
    unpackParcel(parcel).map((item) => Buffer.from(item).toString()),
    ['long', '', 'ü'],
  )
  assert.deepEqual(unpackParcel(packParcel([])), [])
})

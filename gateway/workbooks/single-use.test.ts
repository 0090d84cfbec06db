import assert from 'node:assert/strict'
import { test } from 'vitest'
import { makeSingleUse } from './single-use.ts'

const token = { jti: 'a', untilMs: 1 }

function makeFakes() {
  const used = new Set<string>()
  return makeSingleUse({
    has: (jti) => Promise.resolve(used.has(jti)),
    remember: (jti) => Promise.resolve(void used.add(jti)),
  })
}

test('of two at once one is let in', async () => {
  const singleUse = makeFakes()
  assert.deepEqual(await Promise.all([singleUse.admit(token), singleUse.admit(token)]), [
    true,
    false,
  ])
})

test('a spent token stays out', async () => {
  const singleUse = makeFakes()
  assert.equal(await singleUse.admit(token), true)
  await singleUse.spend(token)
  assert.equal(await singleUse.admit(token), false)
  assert.equal(await singleUse.admit(token), false)
})

test('a token whose events could not be kept may come again', async () => {
  const singleUse = makeFakes()
  await singleUse.admit(token)
  singleUse.release(token)
  assert.equal(await singleUse.admit(token), true)
})

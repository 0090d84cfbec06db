import assert from 'node:assert/strict'
import { test } from 'vitest'
import { makeFlagFlood } from './flag-flood.ts'

function flood(count: number, reasonOf = (index: number) => `Record ${index} has no name.`) {
  let now = 0
  const isFlood = makeFlagFlood(() => now)
  const answers = Array.from({ length: count }, (_, index) => {
    now += 100
    return isFlood('organisation', reasonOf(index))
  })
  return { isFlood, answers, wait: (ms: number) => (now += ms) }
}

test('"more than 50 flags with one cause within a minute": the 51st is one too many (rulebook 10)', () => {
  const { answers } = flood(51)
  assert.deepEqual([answers.indexOf(true), answers.lastIndexOf(false)], [50, 49])
})

test('numbers in a sentence make no other cause', () => {
  assert.equal(flood(51, (index) => `4${index} is taken`).answers.at(-1), true)
})

test('other sentences are other causes', () => {
  const letters = 'abcdefghijklmnopqrstuvwxyz'
  const { answers } = flood(51, (index) => `${letters[index % 26] ?? ''} is wrong`)
  assert.ok(!answers.includes(true))
})

test('another kind is counted by itself', () => {
  const { isFlood } = flood(50)
  assert.equal(isFlood('person', 'Record 1 has no name.'), false)
})

test('what is older than a minute does not count', () => {
  const { isFlood, wait } = flood(50)
  wait(60_000)
  assert.equal(isFlood('organisation', 'Record 1 has no name.'), false)
})

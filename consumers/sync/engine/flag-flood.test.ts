import assert from 'node:assert/strict'
import { test } from 'vitest'
import { makeFlagFlood } from './flag-flood.ts'

type Flag = { readonly kind: string; readonly cause: string; readonly at: number }

async function flood(count: number, reasonOf = (index: number) => `Record ${index} has no name.`) {
  let now = 0
  const flags: Flag[] = []
  const isFlood = makeFlagFlood({
    now: () => now,
    count: ({ since, ...flag }) => {
      flags.push(flag)
      const { kind, cause } = flag
      const same = flags.filter((one) => one.kind === kind && one.cause === cause)
      return Promise.resolve(same.filter(({ at }) => at > since).length)
    },
  })
  const answers: boolean[] = []
  for (let index = 0; index < count; index += 1) {
    now += 100
    answers.push(await isFlood('organisation', reasonOf(index)))
  }
  return { isFlood, answers, wait: (ms: number) => (now += ms) }
}

test('"more than 50 flags with one cause within a minute": the 51st is one too many (rulebook 10)', async () => {
  const { answers } = await flood(51)
  assert.deepEqual([answers.indexOf(true), answers.lastIndexOf(false)], [50, 49])
})

test('numbers in a sentence make no other cause', async () => {
  const { answers } = await flood(51, (index) => `4${index} is taken`)
  assert.equal(answers.at(-1), true)
})

test('other sentences are other causes', async () => {
  const letters = 'abcdefghijklmnopqrstuvwxyz'
  const { answers } = await flood(51, (index) => `${letters[index % 26] ?? ''} is wrong`)
  assert.ok(!answers.includes(true))
})

test('another kind is counted by itself', async () => {
  const { isFlood } = await flood(50)
  assert.equal(await isFlood('person', 'Record 1 has no name.'), false)
})

test('what is older than a minute does not count', async () => {
  const { isFlood, wait } = await flood(50)
  wait(60_000)
  assert.equal(await isFlood('organisation', 'Record 1 has no name.'), false)
})

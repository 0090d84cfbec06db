import assert from 'node:assert/strict'
import { test } from 'vitest'
import { LogRefused } from '../log-refused.ts'
import { LogUnavailable } from '../log-unavailable.ts'
import { makeKafkaLags } from './lags.ts'

const place = { topic: 'p.t', partition: 0 }

function lagsWith(groups: () => Promise<readonly string[]>) {
  let asked = 0
  const lags = makeKafkaLags({
    prefix: 'p.',
    now: () => 0,
    knownGroups: () => ['gateway-known', 'else'],
    calls: {
      groups: () => {
        asked++
        return groups()
      },
      committed: () => Promise.resolve([{ ...place, offset: 1 }]),
      offsetsAt: (places, at) =>
        Promise.resolve(places.map((one) => ({ ...one, offset: at === 'end' ? 3 : 0 }))),
      fetch: () => Promise.resolve(undefined),
    },
  })
  return { lags, asked: () => asked }
}

test('where groups may not be listed, those of this process are told', async () => {
  const { lags } = lagsWith(() => Promise.reject(new LogRefused('not allowed')))
  assert.deepEqual(await lags(), [{ group: 'p.gateway-known', events: 2, seconds: 0 }])
})

test('groups of other prefixes and names are not ours', async () => {
  const { lags } = lagsWith(() => Promise.resolve(['p.gateway-a', 'q.gateway-b', 'p.other']))
  assert.deepEqual(
    (await lags()).map(({ group }) => group),
    ['p.gateway-a', 'p.gateway-known'],
  )
})

test('who asks at once is answered together, who asks later anew', async () => {
  let isAway = true
  const { lags, asked } = lagsWith(() =>
    isAway ? Promise.reject(new LogUnavailable('away')) : Promise.resolve([]),
  )
  await assert.rejects(lags(), LogUnavailable)
  isAway = false
  await Promise.all([lags(), lags()])
  assert.equal(asked(), 2)
  await lags()
  assert.equal(asked(), 3)
})

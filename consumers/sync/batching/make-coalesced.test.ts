import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { Call } from '../../../clients/call.ts'
import { CallFailed, SystemAway } from '../../../clients/errors.ts'
import { makeCoalesced } from './make-coalesced.ts'

type Round = { readonly keys: readonly string[]; readonly call: Call }

/** Answers `<key>!`; `fail` says which rounds fail. */
function makeRecorder(fail: (keys: readonly string[]) => Error | undefined = () => undefined) {
  const rounds: Round[] = []
  const waiting: (() => void)[] = []
  let isHeld = false
  const ask = makeCoalesced<string, string>({
    most: 3,
    run: async (keys, call) => {
      rounds.push({ keys, call })
      if (isHeld) await new Promise<void>((resolve) => waiting.push(resolve))
      const error = fail(keys)
      if (error !== undefined) throw error
      return keys.map((key) => `${key}!`)
    },
  })
  return {
    rounds,
    ask: (key: string, lane: Call['lane'] = 'live') => ask(key, { lane }),
    askUntil: (signal: AbortSignal, key: string) => ask(key, { lane: 'live', signal }),
    askAbout: (about: NonNullable<Call['about']>) => ask(about, { lane: 'live', about }),
    hold: () => (isHeld = true),
    letGo: () => {
      isHeld = false
      for (const resolve of waiting.splice(0)) resolve()
    },
  }
}

const failed = new CallFailed('500', { system: 'workbooks', status: 500 })
const keysOf = (rounds: readonly Round[]) => rounds.map(({ keys }) => keys.join(' '))

test('whoever asks at the same time shares one call, and each gets its own answer (rulebook 2)', async () => {
  const { ask, rounds } = makeRecorder()
  assert.deepEqual(await Promise.all([ask('a'), ask('b')]), ['a!', 'b!'])
  assert.deepEqual(keysOf(rounds), ['a b'])
})

test('more than fit in a call go in the next (rulebook 12)', async () => {
  const { ask, rounds } = makeRecorder()
  await Promise.all(['a', 'b', 'c', 'd'].map((key) => ask(key)))
  assert.deepEqual(keysOf(rounds), ['a b c', 'd'])
})

test('one call is in flight, and who asks meanwhile joins the next (rulebook 2)', async () => {
  const { ask, rounds, hold, letGo } = makeRecorder()
  hold()
  const first = ask('a')
  await new Promise((resolve) => setImmediate(resolve))
  const later = [ask('b'), ask('a')]
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(keysOf(rounds), ['a'])
  letGo()
  assert.deepEqual(await Promise.all([first, ...later]), ['a!', 'b!', 'a!'])
  // Never the answer of a read that began before it was asked.
  assert.deepEqual(keysOf(rounds), ['a', 'b a'])
})

test('the live lane goes first, and a round is counted under its first lane (rulebook 12)', async () => {
  const { ask, rounds } = makeRecorder()
  const lanes = ['backfill', 'replay', 'reconciliation', 'live'] as const
  await Promise.all(lanes.map((lane) => ask(lane, lane)))
  assert.deepEqual(keysOf(rounds), ['live reconciliation replay', 'backfill'])
  assert.deepEqual(
    rounds.map(({ call }) => call.lane),
    ['live', 'backfill'],
  )
})

test('a call about one record says so, a shared one does not (rulebook 10)', async () => {
  const { askAbout, rounds } = makeRecorder()
  await askAbout('workbooks:organisation:1')
  await Promise.all([askAbout('workbooks:organisation:1'), askAbout('workbooks:organisation:2')])
  assert.deepEqual(
    rounds.map(({ call }) => call.about),
    ['workbooks:organisation:1', undefined],
  )
})

test('where one record makes a call fail, only that record fails (rulebook 10)', async () => {
  const { ask } = makeRecorder((keys) => (keys.includes('bad') ? failed : undefined))
  const settled = await Promise.allSettled([ask('a'), ask('bad'), ask('c')])
  assert.deepEqual(
    settled.map((one) => (one.status === 'fulfilled' ? one.value : (one.reason as unknown))),
    ['a!', failed, 'c!'],
  )
})

test('whoever lost the right to ask while it waited, for a round or for its second half, asks no more', async () => {
  const lost = new AbortController()
  const { ask, askUntil, rounds } = makeRecorder((keys) => {
    // As a hold is lost: while a call is under way.
    if (rounds.length === 2) lost.abort(new Error('lost'))
    return keys.includes('bad') ? failed : undefined
  })
  const settled = await Promise.allSettled([
    ...[ask('bad'), ask('b'), askUntil(lost.signal, 'never')],
    ...[ask('d'), askUntil(lost.signal, 'nor this')],
  ])
  assert.deepEqual(keysOf(rounds), ['bad b never', 'bad b', 'bad', 'b', 'd'])
  assert.deepEqual(
    settled.map(({ status }) => status),
    ['rejected', 'fulfilled', 'rejected', 'fulfilled', 'rejected'],
  )
})

test('where the system is away all who asked hear it, and nobody asks again', async () => {
  const away = new SystemAway('429', { system: 'workbooks', status: 429 })
  const { ask, rounds } = makeRecorder(() => away)
  const settled = await Promise.allSettled([ask('a'), ask('b')])
  assert.deepEqual(
    settled.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  assert.deepEqual(keysOf(rounds), ['a b'])
})

test('after a failure the next round goes as if nothing had been', async () => {
  let isAway = true
  const { ask } = makeRecorder(() => (isAway ? new Error('away') : undefined))
  await assert.rejects(ask('a'))
  isAway = false
  assert.equal(await ask('a'), 'a!')
})

test("an answer that is missing is an error, never somebody else's answer", async () => {
  const ask = makeCoalesced<string, string>({ most: 3, run: () => Promise.resolve(['a!']) })
  const settled = await Promise.allSettled(['a', 'b'].map((key) => ask(key, { lane: 'live' })))
  assert.deepEqual(
    settled.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  )
})

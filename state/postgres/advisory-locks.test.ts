import assert from 'node:assert/strict'
import { test } from 'vitest'
import { makeAdvisoryLocks } from './advisory-locks.ts'
import type { LockAsk, LockSession } from './lock-session.ts'

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** PostgreSQL is away until `comeBack`; then every lock is free, and each answer is waited for. */
function awayServer() {
  const asked: LockAsk[] = []
  let open: (session: LockSession) => void = () => {}
  const opened = new Promise<LockSession>((resolve) => (open = resolve))
  let answer = () => {}
  const session: LockSession = {
    lost: new AbortController().signal,
    exchange: async (asks) => {
      asked.push(...asks)
      await new Promise<void>((resolve) => (answer = resolve))
      return asks.map(() => true)
    },
    close: () => Promise.resolve(),
  }
  const locks = makeAdvisoryLocks({ openSession: () => opened, away: () => undefined })
  const untilAsked = async (count: number) => {
    while (asked.length < count) await nextTurn()
    return asked
  }
  return { ...locks, comeBack: () => open(session), untilAsked, answer: () => answer() }
}

test('called off while the server is away: it rejects at once with the reason', async () => {
  const server = awayServer()
  const stopping = new AbortController()
  const taken = server.take(['1'], stopping.signal)
  await nextTurn()
  stopping.abort(new Error('stopping'))
  await assert.rejects(taken, /stopping/)
})

test('called off before it is asked for, it is never asked for', async () => {
  const server = awayServer()
  const stopping = new AbortController()
  const early = server.take(['1'])
  await nextTurn()
  const late = server.take(['2'], stopping.signal)
  stopping.abort(new Error('stopping'))
  await assert.rejects(late, /stopping/)
  const next = server.take(['3'])
  server.comeBack()
  await server.untilAsked(1)
  server.answer()
  await early
  assert.deepEqual(
    (await server.untilAsked(2)).map(({ id }) => id),
    ['1', '3'],
  )
  server.answer()
  await next
})

test('called off while its answer is on the way: what was taken is given back', async () => {
  const server = awayServer()
  server.comeBack()
  const stopping = new AbortController()
  const taken = server.take(['1'], stopping.signal)
  await server.untilAsked(1)
  stopping.abort(new Error('stopping'))
  await assert.rejects(taken, /stopping/)
  server.answer()
  assert.deepEqual(await server.untilAsked(2), [
    { id: '1', isTake: true },
    { id: '1', isTake: false },
  ])
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import { makePublishOutcomes } from './publish-outcomes.ts'

test('told to stop while the log is away, it does not wait for the next try', async () => {
  const stopping = new AbortController()
  const publish = makePublishOutcomes({
    log: { append: () => Promise.reject(new Error('away')) },
    store: { read: () => Promise.resolve([]), write: () => Promise.resolve([]) },
    signals: { logAway: () => undefined },
    // Ends in no other way.
    wait: (_, signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('waited no longer')))
        setImmediate(() => stopping.abort())
      }),
    now: () => 0,
  })
  const outcome = { at: new Date(0).toISOString() } as Parameters<
    typeof publish
  >[0][number]['outcome'] // of which only the time is looked at
  const about = { ref: 'outreach:account:1', origin: 'webhook', signal: stopping.signal } as const
  await assert.rejects(publish([{ id: '1', outcome }], about), /waited no longer/)
})

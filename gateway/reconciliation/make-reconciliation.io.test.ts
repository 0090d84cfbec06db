import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { test } from 'vitest'
import type { Armed } from './arm-webhooks.ts'
import { makeReconciliation } from './make-reconciliation.ts'

const nothing: Armed = { made: [], rearmed: [], resecreted: [], refused: [] }
const bad: Armed = { ...nothing, refused: [{ resource: 'call', why: 'no' }] }

test('what is wrong is told once for each change, not for each try', async () => {
  const rounds: (Armed | Error)[] = [bad, bad, new Error('away'), new Error('away'), nothing, bad]
  const told: string[] = []
  const waits: number[] = []
  const ended = new EventEmitter()
  const isEnded = once(ended, 'end')
  const reconciliation = makeReconciliation({
    armWebhooks: () => {
      const round = rounds.shift()
      if (round instanceof Error) return Promise.reject(round)
      return Promise.resolve(round ?? nothing)
    },
    wait: (ms) => {
      waits.push(ms)
      if (rounds.length > 0) return Promise.resolve()
      ended.emit('end')
      return new Promise((resolve) => setImmediate(resolve))
    },
    signals: {
      webhooksArmed: () => told.push('armed'),
      webhooksNotArmed: (error) => told.push(String(error)),
    },
  })
  reconciliation.start()
  await isEnded
  await reconciliation.stop()
  const fault = 'SetupFault: outreach: webhooks are not registered for call (no)'
  assert.deepEqual(told, [fault, 'Error: away', fault])
  assert.deepEqual(waits.slice(2, 4), [30_000, 30_000])
})

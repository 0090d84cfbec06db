import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'vitest'
import { exitCodes, makeLifecycle, stages, type Stage } from './lifecycle.ts'

function aProcess(stopWithinMs = 5_000) {
  const process = new EventEmitter()
  const told: string[] = []
  const signals = {
    stopping: ({ why }: { why: string }) => void told.push(`stopping: ${why}`),
    stopped: ({ code }: { code: number }) => void told.push(`stopped: ${code}`),
    crashed: ({ why }: { why: string }) => void told.push(`crashed: ${why}`),
    partNotStopped: ({ part }: { part: string }) => void told.push(`not stopped: ${part}`),
  }
  const lifecycle = makeLifecycle({ process, signals, stopWithinMs })
  const add = (stage: Stage, stop?: () => Promise<void> | void) =>
    lifecycle.add({ stage, name: stage, stop: stop ?? (() => void told.push(stage)) })
  return { process, told, lifecycle, add }
}

test('SIGTERM stops every part in its order, whatever the order in which they started', async () => {
  const { process, told, lifecycle, add } = aProcess()
  for (const stage of stages.toReversed()) add(stage)
  process.emit('SIGTERM', 'SIGTERM')
  assert.equal(lifecycle.isStopping(), true)
  assert.equal(await lifecycle.untilStopped(), exitCodes.fine)
  assert.deepEqual(told, ['stopping: SIGTERM', ...stages, 'stopped: 0'])
})

test('an unhandled rejection is told, the rest is stopped, and the code is 70', async () => {
  const { process, told, lifecycle, add } = aProcess()
  add('state')
  process.emit('unhandledRejection', new Error('a bug'))
  assert.equal(await lifecycle.untilStopped(), 70)
  assert.deepEqual(told, [
    'crashed: unhandled rejection',
    'stopping: unhandled rejection',
    'state',
    'stopped: 70',
  ])
})

test('a part that fails to stop does not keep the others from stopping', async () => {
  const { process, told, lifecycle, add } = aProcess()
  add('consumers', () => Promise.reject(new Error('stuck')))
  add('state')
  process.emit('SIGINT', 'SIGINT')
  assert.equal(await lifecycle.untilStopped(), 70)
  assert.deepEqual(told, ['stopping: SIGINT', 'not stopped: consumers', 'state', 'stopped: 70'])
})

test('a part that never stops is named when the time is up', async () => {
  const { lifecycle, told, add } = aProcess(1)
  add('consumers', () => new Promise(() => undefined))
  assert.equal(await lifecycle.stop({ why: 'asked' }), 70)
  assert.deepEqual(told, ['stopping: asked', 'not stopped: consumers', 'stopped: 70'])
})

test('a second signal ends the wait', async () => {
  const { process, lifecycle, add } = aProcess()
  add('consumers', () => new Promise(() => undefined))
  process.emit('SIGINT', 'SIGINT')
  process.emit('SIGINT', 'SIGINT')
  assert.equal(await lifecycle.untilStopped(), 70)
  assert.equal(process.listenerCount('SIGINT'), 0)
})

test('a start that is refused stops with the code that was asked for, and is no crash', async () => {
  const { told, lifecycle } = aProcess()
  const { configuration } = exitCodes
  assert.equal(await lifecycle.stop({ why: 'refused', code: configuration }), configuration)
  assert.deepEqual(told, ['stopping: refused', 'stopped: 78'])
})

test('what is started while it stops is stopped at once', async () => {
  const { told, lifecycle, add } = aProcess()
  const stopped = lifecycle.stop({ why: 'asked' })
  add('doors')
  assert.deepEqual(told, ['stopping: asked', 'doors'])
  assert.equal(await stopped, 0)
})

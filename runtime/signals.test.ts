import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import type { Fields, Logger } from './logger.ts'
import { makeMetrics } from './metrics.ts'
import { makeSignals } from './signals.ts'

function aHouse() {
  const lines: { level: string; message: string; fields: Fields }[] = []
  const tell =
    (level: string) =>
    (message: string, fields: Fields = {}) =>
      void lines.push({ level, message, fields })
  const logger: Logger = {
    error: tell('error'),
    warn: tell('warn'),
    info: tell('info'),
    debug: tell('debug'),
    isEnabled: () => true,
  }
  const clock = { now: 0 }
  const metrics = makeMetrics()
  return { lines, metrics, clock, signals: makeSignals({ logger, metrics, now: () => clock.now }) }
}

const outcome = {
  outcome: 'conflict',
  kind: 'organisation',
  pair: { workbooks: '226', outreach: '4101' },
  system: 'outreach',
  fields: ['name'],
  conflicts: [
    { field: 'name', winner: 'workbooks', loser: 'outreach', losingValue: 'a private value' },
  ],
  calls: 3,
  delayMs: 120,
} as const

test('an outcome is counted by kind, timed, and logged without values', async () => {
  const { lines, metrics, signals } = aHouse()
  signals.outcome({ ...outcome, traceparent: '00-ab-cd-01' })
  const text = await metrics.text()
  assert.ok(text.includes('gateway_outcomes_total{kind="organisation",outcome="conflict"} 1'))
  assert.ok(text.includes('gateway_sync_seconds_bucket{le="0.25",kind="organisation"} 1'))
  assert.equal(lines[0]?.level, 'info')
  assert.equal(lines[0].fields['traceparent'], '00-ab-cd-01')
  assert.ok(!JSON.stringify(lines).includes('a private value'))
})

test('a stranger cannot fill the log, and what was held back is told later', () => {
  const { lines, clock, signals } = aHouse()
  for (let turn = 0; turn < 100; turn += 1) signals.refused('outreach', 'no secret fits')
  assert.equal(lines.length, 10)
  clock.now = 60_000
  signals.refused('outreach', 'no secret fits')
  assert.equal(lines.at(-1)?.fields['notShown'], 90)
})

test('a circuit is a number and a line', async () => {
  const { lines, metrics, signals } = aHouse()
  const gate = {
    system: 'outreach',
    circuit: 'open',
    pausedUntil: 60_000,
    reason: 'no answer',
  } as const
  signals.gateChanged(gate)
  assert.ok((await metrics.text()).includes('gateway_circuit_open{system="outreach"} 1'))
  signals.gateChanged({ ...gate, circuit: 'closed', pausedUntil: null, reason: null })
  assert.ok((await metrics.text()).includes('gateway_circuit_open{system="outreach"} 0'))
  assert.deepEqual(
    lines.map(({ level }) => level),
    ['warn', 'info'],
  )
})

describe('nothing is thrown', () => {
  test('though the logger is broken', () => {
    const boom = () => {
      throw new Error('no disk')
    }
    const logger = { error: boom, warn: boom, info: boom, debug: boom, isEnabled: () => true }
    const signals = makeSignals({ logger, metrics: makeMetrics() })
    signals.kept('outreach', 1, 0)
    signals.failed(new Error('x'))
    signals.crashed({ why: 'bug', error: new Error('y') })
  })
})

test('lags are read when somebody looks, and a log that is away hides nothing else', async () => {
  const metrics = makeMetrics()
  metrics.watchLags(() => Promise.resolve([{ group: 'gateway-sync', events: 3, seconds: 7 }]))
  assert.ok((await metrics.text()).includes('gateway_group_lag_events{group="gateway-sync"} 3'))
  metrics.watchLags(() => Promise.reject(new Error('away')))
  assert.ok((await metrics.text()).includes('# HELP gateway_calls_total'))
})

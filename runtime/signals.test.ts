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

test('the spool is entered, full and left, each counted and told; what is set aside is an error', async () => {
  const { lines, metrics, signals } = aHouse()
  signals.spoolEntered({ why: 'late' })
  signals.spooled({ events: 3 })
  signals.spoolRefused(new Error('full'))
  signals.spoolForwarded({ events: 2 })
  const error = new Error('too large')
  signals.spoolSetAside({ topic: 't', key: 'outreach:account:1', bytes: 9, error })
  signals.spoolLeft({ events: 3, seconds: 20 })
  assert.deepEqual(
    lines.map(({ level, message }) => `${level}: ${message}`),
    [
      'warn: deliveries are spooled',
      'error: spool could not take events',
      'debug: spooled events forwarded',
      'error: event set aside: the log will never take it',
      'info: spool is empty, deliveries go to the log again',
    ],
  )
  const text = await metrics.text()
  for (const expected of [
    'gateway_spool_entered_total{why="late"} 1',
    'gateway_spooled_events_total 3',
    'gateway_spool_forwarded_events_total 2',
    'gateway_spool_set_aside_total 1',
  ])
    assert.ok(text.includes(expected), expected)
})

test('what the spool holds is read when somebody looks; unknown shows nothing, never an old number', async () => {
  const metrics = makeMetrics()
  assert.ok(!(await metrics.text()).includes('\ngateway_spool_events '))
  const status = { events: 5, oldestSeconds: 7, fullRatio: 0.25, setAside: 1 }
  metrics.watchSpool(() => Promise.resolve(status))
  const text = await metrics.text()
  assert.ok(text.includes('\ngateway_spool_events 5'))
  assert.ok(text.includes('\ngateway_spool_full_ratio 0.25'))
  metrics.watchSpool(() => Promise.reject(new Error('away')))
  assert.ok(!(await metrics.text()).includes('\ngateway_spool_full_ratio '))
})

test('what no webhook announced is counted by resource, and so is how often a system is polled', async () => {
  const { lines, metrics, signals } = aHouse()
  const resource = 'outreach.account'
  signals.changesAnnounced({ resource, changes: 3 })
  signals.changesMissed({ resource, changes: 2, longestDelaySeconds: 61 })
  signals.pollPaceChanged({ system: 'outreach', seconds: 900, reason: 'The budget.' })
  const text = await metrics.text()
  assert.ok(text.includes(`gateway_changes_announced_total{resource="${resource}"} 3`))
  assert.ok(text.includes(`gateway_changes_missed_total{resource="${resource}"} 2`))
  assert.ok(text.includes('gateway_poll_interval_seconds{system="outreach"} 900'))
  assert.deepEqual(
    lines.map(({ fields }) => fields),
    [
      { resource, changes: 2, longestDelaySeconds: 61 },
      { system: 'outreach', seconds: 900, reason: 'The budget.' },
    ],
  )
})

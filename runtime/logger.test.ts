import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'vitest'
import { makeLogger, type LogLevel } from './logger.ts'

function logged(options: { format: 'json' | 'text'; level?: LogLevel }) {
  const lines: string[] = []
  const stream = new Writable({
    decodeStrings: false,
    write(chunk, _, done) {
      lines.push(String(chunk))
      done()
    },
  })
  const now = () => Date.UTC(2026, 2, 2, 9, 22, 30)
  return {
    lines,
    stream,
    logger: makeLogger({ level: options.level ?? 'info', now, stream, ...options }),
  }
}

test('JSON: one object a line, with time, level, message and the facts', () => {
  const { lines, logger } = logged({ format: 'json' })
  logger.info('delivery kept', { source: 'outreach', traceparent: '00-ab-cd-01', events: 2 })
  assert.equal(lines.length, 1)
  assert.deepEqual(JSON.parse(lines[0] ?? ''), {
    time: '2026-03-02T09:22:30.000Z',
    level: 'info',
    message: 'delivery kept',
    source: 'outreach',
    traceparent: '00-ab-cd-01',
    events: 2,
  })
})

test('text: one line for people', () => {
  const { lines, logger } = logged({ format: 'text' })
  logger.warn('circuit open', {
    system: 'outreach',
    why: 'no connection\nat all',
    until: undefined,
  })
  assert.equal(
    lines.join(''),
    '09:22:30.000 WARN  circuit open system=outreach why="no connection\\nat all"\n',
  )
})

test('what is below the level is not written', () => {
  const { lines, logger } = logged({ format: 'json', level: 'warn' })
  logger.info('no')
  logger.debug('no')
  assert.deepEqual(lines, [])
  assert.equal(logger.isEnabled('info'), false)
})

test('a secret that slipped in is taken out, and a fact cannot pose as the message', () => {
  const { lines, logger } = logged({ format: 'json' })
  logger.info('called', { password: 'hunter2', to: 'amy@example.com', message: 'forged' })
  const line = JSON.parse(lines[0] ?? '') as Record<string, unknown>
  assert.deepEqual(
    [line['password'], line['to'], line['message']],
    ['[redacted]', '[e-mail]', 'called'],
  )
})

test('a stream that fails and a fact that cannot be read are no exception', () => {
  const { logger, stream } = logged({ format: 'json' })
  const trap = {
    get x(): string {
      throw new Error('trap')
    },
  }
  logger.info('read', trap)
  stream.destroy(new Error('EPIPE'))
  logger.info('after the reader went away')
})

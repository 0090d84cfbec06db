import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { test } from 'vitest'
import { validateEvent } from '../schemas/validate-event.ts'
import { topics, type Topic } from '../schemas/topics.ts'
import type { Entry } from '../event-log/event-log.ts'
import { readAnswer } from './answer.ts'
import { frameDelivery, readFramedDelivery, type DeliverySource } from './frame-delivery.ts'
import { makePrepare } from './prepare-deliveries.ts'

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
const receivedAt = Date.UTC(2026, 2, 2, 9, 22, 32)
const prepare = makePrepare()

function prepared(source: DeliverySource, body: Uint8Array | string) {
  const { entries, answer } = prepare(
    frameDelivery({ source, receivedAt, traceparent, body: Buffer.from(body) }),
  )
  return { entries, answer: readAnswer(answer), events: entries.map(readEvent) }
}

function readEvent({ topic, key, value, headers }: Entry) {
  const text = Buffer.from(value).toString('utf8')
  const found = topics.find((known) => known === topic)
  assert.ok(found !== undefined)
  const validated = validateEvent(found satisfies Topic, JSON.parse(text))
  assert.equal(validated.kind, 'valid', JSON.stringify(validated))
  assert.equal(validated.value.partitionkey, key)
  assert.deepEqual(headers, {
    'content-type': 'application/cloudevents+json; charset=UTF-8',
    traceparent,
  })
  return { text, topic, event: validated.value }
}

const account = '{"data":{"type":"account","id":4101},"meta":{"eventName":"account.updated"}}'
const hint = '{"resource":"organisation","event":"updated","id":226,"lock_version":7}'

test('a delivery becomes an event whose id is made of its raw body', () => {
  const { events, answer } = prepared('outreach', account)
  const hash = createHash('sha256').update(account).digest('hex')
  assert.equal(events[0]?.event.id, `outreach.account.updated/4101/${hash}`)
  assert.deepEqual(answer, { accepted: 1, quarantined: 0, codes: [] })
})

test('the same delivery twice has one id, also when it comes through later', () => {
  const again = prepare(
    frameDelivery({
      source: 'outreach',
      receivedAt: receivedAt + 5000,
      traceparent,
      body: Buffer.from(account),
    }),
  )
  assert.equal(
    readEvent(again.entries[0] ?? assert.fail()).event.id,
    prepared('outreach', account).events[0]?.event.id,
  )
})

test('native is what the sender wrote, to the digit', () => {
  const body =
    '{"data":{"type":"account","id":4101,"attributes":{"custom1":12345678901234567890,"x":1.50,"y":1e400}},"meta":{"eventName":"account.updated"}}'
  const { events } = prepared('outreach', body)
  assert.ok(events[0]?.text.includes(`"native":${body}}`))

  const array = `[ ${hint.replace('7}', '7.0}')} ,\n{"person": {"id": 5}}]`
  const native = prepared('workbooks', array).events.map(({ text }) => text.split('"native":')[1])
  assert.deepEqual(native, [
    '{"resource":"organisation","event":"updated","id":226,"lock_version":7.0}}}',
    '{"person": {"id": 5}}}}',
  ])
})

test('an event stands on one line, whatever lines and separators its delivery has', () => {
  const body = JSON.stringify(
    { ...(JSON.parse(account) as object), note: 'a\u2028b\nc' },
    null,
    '\r\n  ',
  )
  const { events } = prepared('outreach', body)
  assert.ok(!/[\r\n]/.test(events[0]?.text ?? '\n'))
  assert.deepEqual((events[0]?.event.data as { native: unknown }).native, JSON.parse(body))
})

test('a byte order mark is no part of the body', () => {
  const { answer, events } = prepared('outreach', Buffer.from(`\uFEFF${account}`))
  assert.equal(answer.accepted, 1)
  assert.ok(events[0]?.text.includes(`"native":${account}}`))
})

test('members named __proto__ and lone surrogates pass through', () => {
  const body =
    '{"data":{"type":"account","id":1,"attributes":{"__proto__":{"polluted":1},"name":"\\ud800"}},"meta":{"eventName":"account.updated"}}'
  const { events } = prepared('outreach', body)
  assert.ok(events[0]?.text.includes('"changed":{"__proto__":{"polluted":1},"name":"\\ud800"}'))
  assert.ok(!('polluted' in {}))
})

test.each([
  ['outreach', '', 'not-json', 'the body is empty'],
  ['workbooks', ' ', 'not-json', 'the body is empty'],
  ['outreach', '{"data":', 'not-json', 'the body is not JSON'],
  ['outreach', '[]', 'malformed', 'the body must be object'],
  ['workbooks', '{}', 'malformed', 'the body must NOT have fewer than 1 properties'],
] as const)('from %s, %j is quarantined', (...[source, body, code, reason]) => {
  const { events, answer } = prepared(source, body)
  assert.deepEqual(answer, { accepted: 0, quarantined: 1, codes: [code] })
  assert.equal(events[0]?.topic, 'gateway.quarantine')
  const { data } = events[0].event
  assert.deepEqual(data, {
    from: source,
    code,
    reason,
    receivedAt: '2026-03-02T09:22:32Z',
    encoding: 'utf-8',
    body,
  })
})

test('bytes that are no UTF-8 are quarantined to the byte', () => {
  const bytes = Buffer.from([0x7b, 0xff, 0xc3, 0x28, 0x7d])
  const { events, answer } = prepared('workbooks', bytes)
  assert.deepEqual(answer.codes, ['not-utf-8'])
  const data = events[0]?.event.data as { encoding: string; body: string }
  assert.equal(data.encoding, 'base64')
  assert.deepEqual(Buffer.from(data.body, 'base64'), bytes)
})

test('JSON that is nested too deep to be written again is quarantined', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
  const body = `{"data":{"type":"account","id":1,"attributes":{"deep":${deep}}},"meta":{"eventName":"account.updated"}}`
  assert.deepEqual(prepared('outreach', body).answer.codes, ['malformed'])
})

test('known without a topic: accepted, nothing is kept', () => {
  const { answer, entries } = prepared('workbooks', '[{"invoice":{"id":1}},{"invoice":{"id":2}}]')
  assert.deepEqual(answer, { accepted: 2, quarantined: 0, codes: [] })
  assert.equal(entries.length, 0)
  assert.deepEqual(prepared('workbooks', '[]').answer, { accepted: 0, quarantined: 0, codes: [] })
})

test('what was framed is read again', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('outreach', 'workbooks'),
      fc.nat(),
      fc.uint8Array(),
      (source, at, body) => {
        const read = readFramedDelivery(
          frameDelivery({ source, receivedAt: at, traceparent, body }),
        )
        assert.deepEqual(
          { ...read, body: [...(read?.body ?? [])] },
          { source, receivedAt: at, traceparent, body: [...body] },
        )
      },
    ),
  )
})

test('no bytes at all break the step, framed or not', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      assert.equal(readAnswer(prepare(bytes).answer).quarantined, 1)
    }),
  )
  fc.assert(
    fc.property(
      fc.constantFrom('outreach', 'workbooks'),
      fc.uint8Array({ maxLength: 300 }),
      (source, body) => {
        const { answer, entries } = prepared(source, body)
        assert.ok(answer.accepted >= entries.length - answer.quarantined)
      },
    ),
  )
})

const id = fc.oneof(fc.integer(), fc.nat(), fc.double(), fc.string(), fc.constant(null))
const resource = fc.constantFrom(
  'account',
  'prospect',
  'emailAddress',
  'organisation',
  'person',
  'install',
  'invoice',
  '__proto__',
  'x',
)
const link = fc.oneof(fc.record({ id }), fc.record({ data: fc.record({ id }) }), fc.jsonValue())
const deliveryLike = fc.record(
  {
    data: fc.record(
      {
        type: resource,
        id,
        attributes: fc.jsonValue(),
        relationships: fc.dictionary(fc.string(), link),
      },
      { requiredKeys: ['type', 'id'] },
    ),
    beforeUpdate: fc.jsonValue(),
    meta: fc.record({
      eventName: resource.map((name) => `${name}.updated`),
      deliveredAt: fc.jsonValue(),
    }),
  },
  { requiredKeys: ['data', 'meta'] },
)
const hintLike = fc.oneof(
  fc.record(
    {
      resource,
      event: fc.constantFrom('created', 'updated', 'deleted', 'x'),
      id,
      lock_version: id,
      updated_at: id,
    },
    { requiredKeys: ['resource', 'event', 'id'] },
  ),
  fc.dictionary(resource, fc.record({ id, name: fc.string(), employer_link: id })),
  fc.jsonValue(),
)

test('whatever Outreach may send is one valid entry, or one that is counted', () => {
  fc.assert(
    fc.property(deliveryLike, (body) => {
      const { answer, entries } = prepared('outreach', JSON.stringify(body))
      assert.equal(answer.accepted + answer.quarantined, 1)
      assert.ok(entries.length <= 1 && entries.length >= answer.quarantined)
    }),
    { numRuns: 300 },
  )
})

test('whatever Workbooks may send, each element is accounted for', () => {
  fc.assert(
    fc.property(fc.array(hintLike, { maxLength: 8 }), (body) => {
      const { answer, entries } = prepared('workbooks', JSON.stringify(body))
      assert.equal(answer.accepted + answer.quarantined, body.length)
      const quarantined = entries.filter(({ topic }) => topic === 'gateway.quarantine')
      assert.equal(quarantined.length, answer.quarantined)
    }),
    { numRuns: 300 },
  )
})

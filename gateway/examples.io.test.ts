import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'vitest'
import {
  outreachWithoutTopic,
  topicOfOutreachResource,
  topics,
  workbooksWithoutTopic,
} from '../schemas/topics.ts'
import { validateEvent } from '../schemas/validate-event.ts'
import { readAnswer } from './answer.ts'
import { frameDelivery, type DeliverySource } from './frame-delivery.ts'
import { makePrepare } from './prepare-deliveries.ts'

const prepare = makePrepare()
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

const examples = (['outreach', 'workbooks'] as const).flatMap((source) =>
  readdirSync(new URL(`./${source}/examples/`, import.meta.url)).map(
    (file) => [source, file] as const,
  ),
)

function prepareExample(source: DeliverySource, file: string) {
  const body = readFileSync(new URL(`./${source}/examples/${file}`, import.meta.url))
  return { body, ...prepare(frameDelivery({ source, receivedAt: 0, traceparent, body })) }
}

test.each(examples)('%s: %s becomes events that their topics describe', (source, file) => {
  const { body, entries, answer } = prepareExample(source, file)
  const sent: unknown = JSON.parse(body.toString())
  const expected = Array.isArray(sent) ? sent.length : 1
  assert.deepEqual(readAnswer(answer), { accepted: expected, quarantined: 0, codes: [] })

  const isWithoutTopic = [...outreachWithoutTopic, ...workbooksWithoutTopic].some((resource) =>
    file.includes(resource),
  )
  assert.equal(entries.length, isWithoutTopic ? 0 : expected)
  for (const { topic, value } of entries) {
    const known = topics.find((name) => name === topic) ?? assert.fail(topic)
    const event: unknown = JSON.parse(Buffer.from(value).toString())
    assert.equal(validateEvent(known, event).kind, 'valid')
  }
})

test('there is an example for every topic of a record', () => {
  const reached = examples.flatMap(([source, file]) =>
    prepareExample(source, file).entries.map(({ topic }) => topic),
  )
  const recordTopicNames = topics.filter((topic) => /^(outreach|workbooks)\./.test(topic))
  assert.deepEqual([...new Set(reached)].sort(), [...recordTopicNames].sort())
  assert.equal(topicOfOutreachResource.size, 10)
})

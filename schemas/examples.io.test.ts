import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'vitest'
import { topics, toSchemaId } from './topics.ts'
import { topicSchemas } from './topic-schemas.ts'
import { validateEvent } from './validate-event.ts'

const folder = new URL('./examples/', import.meta.url)

test.each(topics)('the example on %s is what its schema says', (topic) => {
  const event: unknown = JSON.parse(readFileSync(new URL(`${topic}.json`, folder), 'utf8'))
  const validated = validateEvent(topic, event)
  assert.equal(validated.kind, 'valid', JSON.stringify(validated))
  assert.equal(validated.value.dataschema, toSchemaId(topic))
})

test('every example belongs to a topic, and every schema bears the id of its topic', () => {
  assert.deepEqual(readdirSync(folder).sort(), topics.map((topic) => `${topic}.json`).sort())
  assert.deepEqual(
    topics.map((topic) => topicSchemas[topic].$id),
    topics.map((topic) => toSchemaId(topic)),
  )
})

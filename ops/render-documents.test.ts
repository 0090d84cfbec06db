import assert from 'node:assert/strict'
import { test } from 'vitest'
import { topics } from '../schemas/topics.ts'
import { renderAsyncApi } from './render-asyncapi.ts'
import { renderOpenApi, toOpenApiPath } from './render-openapi.ts'
import { verbs } from './verbs.ts'

type Document = Readonly<Record<string, Readonly<Record<string, unknown>>>>

test('every topic is a channel whose message has the schema that its events are validated with', () => {
  const document = renderAsyncApi('1.2.3') as Document
  assert.deepEqual(Object.keys(document['channels'] ?? {}), topics)
  const text = JSON.stringify(document)
  for (const topic of topics) assert.ok(text.includes(`urn:workbooks-outreach-gateway:${topic}:1`))
})

test('every reference inside the AsyncAPI document leads somewhere', () => {
  const document = renderAsyncApi('1.2.3')
  const references = [
    ...JSON.stringify(document).matchAll(/"\$ref":"#\/(channels|components)\/([^"]+)"/g),
  ]
  assert.ok(references.length > topics.length)
  for (const [, root = '', rest = ''] of references) {
    // A topic's name has dots, and is one step.
    const path = root === 'channels' ? [root, rest] : [root, ...rest.split('/')]
    const found = path.reduce<unknown>((at, step) => (at as Document)[step], document)
    assert.ok(found, path.join('/'))
  }
})

test('every verb is a path with its scope', () => {
  const document = renderOpenApi('1.2.3', verbs) as Document
  for (const { http, scope } of verbs) {
    const path = document['paths']?.[toOpenApiPath(http.path)]
    assert.ok(JSON.stringify(path).includes(scope), http.path)
  }
})

test('what a verb needs is required, and who follows finds `after`', () => {
  const { paths } = renderOpenApi('1.2.3', verbs) as {
    paths: Record<string, Record<string, { [part: string]: unknown }>>
  }
  const needs = (path: string) => JSON.stringify(paths[path]?.['post']?.['requestBody'])
  assert.ok(needs('/ops/sync').includes('"required":["record"]'))
  assert.ok(needs('/ops/pause').includes('"required":["what"]'))
  const asked = JSON.stringify(paths['/ops/outcomes']?.['get']?.['parameters'])
  assert.ok(asked.includes('"name":"after"'))
  assert.ok(needs('/ops/backfills').includes('"plan":{"type":"boolean"}'))
  assert.deepEqual(Object.keys(paths['/ops/backfills'] ?? {}), ['post', 'get'])
  const stopped = JSON.stringify(paths['/ops/backfills/{id}']?.['delete']?.['parameters'])
  assert.ok(stopped.includes('"name":"id","in":"path","required":true'))
  assert.ok('404' in (paths['/ops/backfills/{id}']?.['delete']?.['responses'] as object))
  for (const path of ['/openapi.json', '/asyncapi.json', '/readyz']) assert.ok(paths[path], path)
})

import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { topics } from '../schemas/topics.ts'
import { validateEvent } from '../schemas/validate-event.ts'
import { hookHeaders, outreachHeaders } from './open-street.ts'
import { startHouse, type House } from './start-house.ts'

const run = promisify(execFile)
const examplesDir = join(import.meta.dirname, '../gateway')

/** One line a record, whatever is in it: the library under kcat is not the one that we write with. */
type Read = {
  readonly topic: string
  readonly key: string
  readonly headers: readonly string[]
  readonly payload: string
}

const why = whyNoKcat()
if (why !== undefined) process.stdout.write(`NOT TESTED: kcat reads every topic (${why})\n`)

test.skipIf(why !== undefined)(
  'kcat reads every topic, and each value is what its schema says',
  async () => {
    await using house = await startHouse()
    await postExamples(house)
    const unreadable = 'not JSON'
    await post(house, { source: 'outreach', body: Buffer.from(unreadable) })
    house.workbooks.person.create('organisations', {
      name: 'Larkfield Instruments',
      cf_organisation_sync_to_outreach: true,
    })
    await house.ops('POST', '/ops/sync', { record: 'workbooks:organisation:1' })
    await house.settled()

    const { KAFKA_BROKERS: brokers = '', KAFKA_PREFIX: prefix = '' } = house.env
    const counts = new Map<string, number>()
    for (const topic of topics) {
      const records = await readWithKcat(brokers, `${prefix}${topic}`)
      counts.set(topic, records.length)
      for (const { key, headers, payload } of records) {
        const event: unknown = JSON.parse(payload)
        const validated = validateEvent(topic, event)
        assert.equal(validated.kind, 'valid', JSON.stringify(validated))
        expect(event).toMatchObject({ partitionkey: key })
        const pairs = new Map(pairUp(headers))
        assert.equal(pairs.get('content-type'), 'application/cloudevents+json; charset=UTF-8')
        assert.match(pairs.get('traceparent') ?? '', /^00-[\da-f]{32}-[\da-f]{16}-\d\d$/)
      }
    }
    // Nobody writes dead letters yet: what fails is parked.
    const silent = [...counts].filter(([, count]) => count === 0).map(([topic]) => topic)
    assert.deepEqual(silent, ['sync.dead-letter'])
  },
)

async function postExamples(house: House): Promise<void> {
  for (const source of ['outreach', 'workbooks'] as const) {
    const dir = join(examplesDir, source, 'examples')
    for (const file of readdirSync(dir)) {
      await post(house, { source, body: readFileSync(join(dir, file)) })
    }
  }
}

type Post = { readonly source: 'outreach' | 'workbooks'; readonly body: Buffer }

async function post({ gatewayUrl }: House, { source, body }: Post): Promise<void> {
  const headers = source === 'outreach' ? outreachHeaders(body) : hookHeaders(body)
  const answer = await fetch(`${gatewayUrl}/webhooks/${source}`, { method: 'POST', headers, body })
  assert.equal(answer.status, 200)
}

async function readWithKcat(brokers: string, topic: string): Promise<readonly Read[]> {
  const from = ['-C', '-e', '-q', '-o', 'beginning', '-J']
  const { stdout } = await run('kcat', ['-b', brokers, '-t', topic, ...from], {
    maxBuffer: 64 * 1024 * 1024,
  })
  const lines = stdout.split('\n').filter((line) => line !== '')
  // kcat's own envelope: topic, key, headers and payload, all as text.
  return lines.map((line) => JSON.parse(line) as Read)
}

/** kcat writes headers as name, value, name, value. */
function pairUp(headers: readonly string[]): readonly (readonly [string, string])[] {
  return headers.flatMap((name, index) =>
    index % 2 === 0 ? [[name, headers[index + 1] ?? ''] as const] : [],
  )
}

function whyNoKcat(): string | undefined {
  try {
    execFileSync('kcat', ['-V'], { stdio: 'ignore' })
    return undefined
  } catch {
    return 'there is no kcat here; Debian has it as a package'
  }
}

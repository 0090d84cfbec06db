import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'vitest'
import { openEmbeddedState } from '../state/embedded-state.ts'
import { writeAnnouncements, writeFinds, writeVerdict } from '../state/misses.ts'
import { migrations } from '../state/schema.ts'
import { aStatus } from './a-running-product.fixture.ts'
import { readMisses } from './read-misses.ts'
import { status } from './status.ts'

const hourMs = 3_600_000
const noon = Date.UTC(2026, 2, 2, 12)
const resource = 'outreach.account'
const record = 'outreach:account:7'

test('the last 24 hours, by resource and hour, as a table and as numbers', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'misses-'))
  const store = await openEmbeddedState({ dir, migrations })
  const announced = [-25, -2, -2, -2, -1].map((hours, index) => {
    const keptAt = noon + hours * hourMs
    return { id: String(index), resource, record, at: keptAt / 1_000, version: null, keptAt }
  })
  const find = { resource, record, version: 'a', changedAt: noon / 1_000, foundAt: noon - hourMs }
  await store.write([
    ...writeAnnouncements(announced),
    ...writeFinds([find]),
    writeVerdict(find, { isMissed: true, delayMs: 90_400 }, noon),
  ])
  const misses = await readMisses(store, noon)
  await store[Symbol.asyncDispose]()
  await rm(dir, { recursive: true, force: true })

  const before = { announced: 3, found: 0, ratio: 0, longestDelaySeconds: 0 }
  const last = { announced: 1, found: 1, ratio: 0.5, longestDelaySeconds: 90 }
  assert.deepEqual(misses, [
    {
      resource,
      ...{ announced: 4, found: 1, ratio: 0.2, longestDelaySeconds: 90 },
      hours: [
        { hour: '2026-03-02T10:00:00.000Z', ...before },
        { hour: '2026-03-02T11:00:00.000Z', ...last },
      ],
    },
  ])
  const text = status.renderText({ ...aStatus, misses })
  assert.match(text, /WEBHOOKS OF, 24 H +ANNOUNCED +MISSED +RATIO +LONGEST DELAY/)
  assert.match(text, /outreach\.account +4 +1 +20\.00 % +\d/)
  assert.doesNotMatch(status.renderText(aStatus), /WEBHOOKS OF/)
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { Statement } from '../state/state-store.ts'
import { openConnections } from './settle-connections.ts'

const now = Date.UTC(2026, 2, 2, 9)
const at = now / 1_000

type Clocks = { readonly outreach: number; readonly workbooks: number }

/** A process that has called Workbooks, and Outreach only where it is asked; clocks in seconds ahead of ours. */
function openProcess(kept: Map<string, string>, { outreach, workbooks }: Clocks) {
  const asks = { count: 0 }
  const connections = openConnections({
    store: {
      write: (statements: readonly Statement[]) => {
        for (const { params = [] } of statements) {
          const [name, value] = params
          if (!kept.has(String(name))) kept.set(String(name), String(value))
        }
        return Promise.resolve([])
      },
    },
    facts: { read: (name) => Promise.resolve(kept.get(name)) },
    outreach: { clockOffsetMs: () => (asks.count === 0 ? 0 : outreach * 1_000) },
    workbooks: { clockOffsetMs: () => workbooks * 1_000 },
    askOutreach: () => {
      asks.count += 1
      return Promise.resolve()
    },
    now: () => now,
  })
  return { asks, connections }
}

test('the first start asks Outreach for its time once, for all kinds', async () => {
  const kept = new Map<string, string>()
  const { asks, connections } = openProcess(kept, { outreach: -600, workbooks: 120 })
  const { ofProduct, settle } = await connections
  const expected = { outreach: at - 600, workbooks: at + 120 }
  assert.deepEqual([await settle('organisation'), await settle('person')], [expected, expected])
  assert.equal(ofProduct, at - 600)
  assert.equal(asks.count, 1)
})

test('a kind that is switched on later is connected now, by the clocks as they are now', async () => {
  const kept = new Map([
    ['connected_at', String(at - 9_000)],
    ['connected_at:person', String(at - 9_000)],
    ['connected_at_workbooks:person', String(at - 8_000)],
  ])
  const { asks, connections } = openProcess(kept, { outreach: -600, workbooks: 0 })
  const { ofProduct, settle } = await connections
  assert.deepEqual(await settle('person'), { outreach: at - 9_000, workbooks: at - 8_000 })
  assert.equal(asks.count, 0)
  assert.deepEqual(await settle('opportunity'), { outreach: at - 600, workbooks: at })
  assert.equal(ofProduct, at - 9_000)
  assert.equal(asks.count, 1)
})

test('what is kept stands, whatever the clocks do later', async () => {
  const kept = new Map<string, string>()
  const first = await openProcess(kept, { outreach: 0, workbooks: 300 }).connections
  const connected = await first.settle('organisation')
  const later = await openProcess(kept, { outreach: 60, workbooks: 0 }).connections
  assert.deepEqual(await later.settle('organisation'), connected)
})

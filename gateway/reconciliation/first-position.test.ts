import assert from 'node:assert/strict'
import { test } from 'vitest'
import { printTime } from '../../clients/workbooks/wire-values.ts'
import type { Polling } from '../../schemas/polling.ts'
import { findFirstPosition } from './first-position.ts'

const polling: Polling = {
  kind: 'organisation',
  workbooks: {
    ...{ type: 'organisation', controller: 'crm/organisations', linkedPassFlags: false },
    columns: {
      ...{ syncToOutreach: 'sync', outreachSyncError: 'error' },
      ...{ outreachDuplicate: 'duplicate', outreachId: 'outreach_id' },
    },
  },
  outreach: [],
  createsFrom: [],
}

const connectedAt = 1_750_000_000

type Given = {
  /** Seconds after first connection, by Workbooks' records, the latest first. */
  readonly rows: readonly number[]
}

async function find({ rows }: Given) {
  const page = rows.map((seconds, index) => ({
    ...{ controller: 'crm/organisations', id: String(index + 1), lockVersion: 7, isDeleted: false },
    columns: { updated_at: printTime((connectedAt + seconds) * 1000) },
    readAt: 0,
  }))
  const deps = { workbooks: { page: () => Promise.resolve(page) } }
  const call = { lane: 'reconciliation' } as const
  const { floor, asTheyStand } = await findFirstPosition(deps, { polling, connectedAt, call })
  return { floor: floor - connectedAt, marked: asTheyStand.map(({ id, version }) => [id, version]) }
}

test('it begins at first connection where nothing is linked', async () => {
  assert.deepEqual(await find({ rows: [] }), { floor: 0, marked: [] })
})

test('it begins with the latest change, which stands as it is: its clock may lag behind its header', async () => {
  assert.deepEqual(await find({ rows: [-40, -40, -90] }), {
    floor: -40,
    marked: [
      ['1', '7'],
      ['2', '7'],
    ],
  })
})

test('what changed after first connection is found, what changed before it is not', async () => {
  const { floor, marked } = await find({ rows: [30, 5, 0, -5] })
  assert.equal(floor, 0)
  assert.deepEqual(marked, [['3', '7']])
})

test('an import of more than a page in its latest second is nobody’s edit', async () => {
  const rows = Array.from({ length: 100 }, () => -20)
  assert.deepEqual(await find({ rows }), { floor: -19, marked: [] })
})

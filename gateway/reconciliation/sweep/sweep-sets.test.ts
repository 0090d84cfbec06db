import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import { Refused, SetupFault } from '../../../clients/errors.ts'
import { versionOfSet } from '../../../schemas/fingerprint.ts'
import type { KnownVersion } from '../../../state/versions.ts'
import { sweepSets } from './sweep-sets.ts'

const list = {
  ...{ type: 'opportunityProspectRole', attributes: ['role'], links: ['opportunity', 'prospect'] },
  ...{ about: { link: 'opportunity', type: 'opportunity' }, every: 1, oauthOnly: true },
} as const

const deal = (id: string): OutreachRecord => ({
  ...{ type: 'opportunity', id, links: {}, readAt: 0 },
  attributes: { updatedAt: '2026-03-02T10:00:00.000Z' },
})
const row = (id: string, opportunity: string): OutreachRecord => ({
  ...{ type: list.type, id, attributes: { role: 'Buyer' }, readAt: 0 },
  links: { opportunity, prospect: '88001' },
})

type Given = {
  readonly rows?: readonly OutreachRecord[]
  readonly known?: Readonly<Record<string, Partial<KnownVersion>>>
  readonly isOAuth?: boolean
  readonly fails?: Error
}

async function sweep({ rows = [], known = {}, isOAuth = true, fails }: Given) {
  const asked: unknown[] = []
  const search = (type: string, query: unknown) => {
    asked.push([type, query])
    return fails === undefined ? Promise.resolve(rows) : Promise.reject(fails)
  }
  const read = (_system: string, type: string) => {
    assert.equal(type, 'opportunityProspectRole-set')
    const entries = Object.entries(known).map(([id, one]): [string, KnownVersion] => {
      return [id, { handled: null, published: null, handlings: 1, ...one }]
    })
    return Promise.resolve(new Map(entries))
  }
  const found = await sweepSets(
    {
      ...{ outreach: { search, isOAuth }, versions: { read } },
      ...{ traceparent: () => '00-1-1-01', now: () => 5_000 },
    },
    {
      list,
      records: [deal('950'), deal('951')],
      call: { lane: 'reconciliation' },
    },
  )
  return { asked, found: found.map(({ ref }) => ref), all: found }
}

const both = [row('1', '950'), row('2', '950')]
const handled = versionOfSet(list, both)
const none = versionOfSet(list, [])

test('one call shows the rows of all records; whose rows are as they were handled is not told of', async () => {
  const known = { 950: { handled }, 951: { handled: none } }
  const { asked, found } = await sweep({ rows: both, known })
  assert.deepEqual(found, [])
  assert.deepEqual(asked, [
    [
      list.type,
      {
        filter: { 'opportunity.id': '950,951' },
        fields: { opportunityProspectRole: ['role', 'opportunity', 'prospect'] },
        size: 500,
      },
    ],
  ])
})

test('a row that is gone is told of as its record, and once', async () => {
  const known = { 950: { handled }, 951: { handled: none } }
  const { found, all } = await sweep({ rows: [row('1', '950')], known })
  assert.deepEqual(found, ['outreach:opportunity:950'])
  const version = versionOfSet(list, [row('1', '950')])
  assert.deepEqual(all[0]?.published, [
    { system: 'outreach', type: 'opportunityProspectRole-set', id: '950', version, handlings: 1 },
  ])
  const again = { ...known, 950: { handled, published: version } }
  assert.deepEqual((await sweep({ rows: [row('1', '950')], known: again })).found, [])
})

test('what the credentials do not reach is not asked for, or not asked for twice', async () => {
  assert.deepEqual((await sweep({ isOAuth: false })).asked, [])
  const fails = new SetupFault('outreach: no scope', {
    system: 'outreach',
    status: 403,
    mend: 'Add it.',
  })
  const { asked, found } = await sweep({ fails })
  assert.deepEqual([asked.length, found], [1, []])
})

test('any other refusal ends the page, which is looked at again', async () => {
  const fails = new Refused('outreach: no', { system: 'outreach', status: 422 })
  await assert.rejects(sweep({ fails }), /outreach: no/)
})

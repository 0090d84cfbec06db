import assert from 'node:assert/strict'
import { test } from 'vitest'
import { SetupFault, SystemAway } from '../../clients/errors.ts'
import type { Value } from './fields/value.ts'
import { makeStages } from './stages.ts'

type Given = {
  readonly table?: Readonly<Record<string, string>>
  readonly isOAuth?: boolean
  readonly outreachError?: Error
  readonly workbooksError?: Error
}

const faultOf = (system: 'outreach' | 'workbooks') =>
  new SetupFault('not allowed', { system, status: 403, mend: 'allow it' })

function open({ table = {}, isOAuth = true, outreachError, workbooksError }: Given = {}) {
  const clock = { now: 0 }
  const calls = { outreach: 0, workbooks: 0 }
  const said: string[] = []
  const stages = [
    { id: '1', name: 'Discovery' },
    { id: '2', name: 'Proposal' },
    { id: '3', name: 'Closed Won' },
  ]
  const names = ['Lead', 'Qualified', 'proposal', 'Won']
  const about = { lockVersion: 0, isDeleted: false, readAt: 0 }
  const directory = makeStages({
    table,
    now: () => clock.now,
    leftAlone: {
      say: ({ why }) => Promise.resolve(void said.push(why)),
      isOver: () => Promise.resolve(),
    },
    outreach: {
      isOAuth,
      search: (type) => {
        calls.outreach += 1
        if (outreachError !== undefined) return Promise.reject(outreachError)
        return Promise.resolve(
          stages.map(({ id, name }) => ({ type, id, attributes: { name }, links: {}, readAt: 0 })),
        )
      },
    },
    workbooks: {
      search: (controller) => {
        calls.workbooks += 1
        if (workbooksError !== undefined) return Promise.reject(workbooksError)
        return Promise.resolve(
          names.map((name, at) => ({ ...about, controller, id: String(at), columns: { name } })),
        )
      },
    },
  })
  const prepare = (w: Value = 'Lead', o: Value = null) => directory.prepare({ w, o })
  return { ...directory, stages, clock, calls, said, prepare }
}

const table = { Lead: 'Discovery', Qualified: 'discovery', Won: 'Closed Won' }
const value = (carried: Value) => ({ kind: 'value', value: carried })
const left = (why: string) => ({ kind: 'cannot', why })

// prettier-ignore
const sent: readonly (Given & { says: string; w: Value; want: unknown })[] = [
  { says: 'by the table',                                 table, w: 'Lead', want: value('1') },
  { says: '... case aside',                               table, w: 'qualified', want: value('1') },
  { says: 'not in the table: by equal name, case aside',  table, w: 'proposal', want: value('2') },
  { says: 'the table wins over an equal name',            table: { Proposal: 'Discovery' }, w: 'proposal', want: value('1') },
  { says: 'no stage is no stage',                         w: null, want: value(null) },
  { says: 'a name that Outreach has not',                 w: 'Lead', want: left('Outreach has no stage "Lead"; opportunityStages may name another') },
  { says: 'a name that the table leads nowhere',          table: { Lead: 'Gone' }, w: 'Lead', want: left('Outreach has no stage "Gone"; opportunityStages may name another') },
]

test.each(sent)('to Outreach (mapping.md): $says', async ({ w, want, ...given }) => {
  const { carrier, prepare } = open(given)
  await prepare(w)
  assert.deepEqual(carrier.asOutreach(w), want)
})

// prettier-ignore
const received: readonly (Given & { says: string; o: Value; want: unknown })[] = [
  { says: 'by the table, the first of several names',     table, o: '1', want: value('Lead') },
  { says: 'by equal name, as Workbooks spells it',        table, o: '2', want: value('proposal') },
  { says: 'no stage is no stage',                         o: null, want: value(null) },
  { says: 'a name of the table that Workbooks has not',   table: { Nobody: 'Discovery' }, o: '1', want: left('Workbooks has no stage for "Discovery"; opportunityStages may name one') },
  { says: 'an equal name that the table leads elsewhere', table: { proposal: 'Discovery' }, o: '2', want: left('Workbooks has no stage for "Proposal"; opportunityStages may name one') },
  { says: 'a stage that Outreach does not list',          o: '99', want: left('Outreach lists no stage 99') },
  { says: 'where Workbooks lists none, the table knows',  table, workbooksError: faultOf('workbooks'), o: '3', want: value('Won') },
  { says: '... and nobody else',                          table, workbooksError: faultOf('workbooks'), o: '2', want: left('Workbooks has no stage for "Proposal"; opportunityStages may name one') },
]

test.each(received)('to Workbooks (mapping.md): $says', async ({ o, want, ...given }) => {
  const { carrier, prepare } = open(given)
  await prepare(null, o)
  assert.deepEqual(carrier.asWorkbooks(o), want)
})

test('several names of Workbooks mean one stage of Outreach, and a blank means a blank', async () => {
  const { carrier, prepare } = open({ table })
  await prepare()
  const means = (w: Value, o: Value) => carrier.meansSame(w, o)
  assert.deepEqual(
    [means('Lead', '1'), means('Qualified', '1'), means('PROPOSAL', '2')],
    [...[true, true, true]],
  )
  assert.deepEqual(
    [means('Lead', '2'), means('Lead', '99'), means(null, '1'), means(null, null)],
    [...[false, false, false, true]],
  )
})

test('stages are listed once, and again on a miss, at most once a minute', async () => {
  const { carrier, prepare, stages, clock, calls } = open({ table })
  await prepare()
  await prepare()
  assert.deepEqual(calls, { outreach: 1, workbooks: 1 })
  stages.push({ id: '4', name: 'Legal' })
  clock.now = 59_999
  await prepare('Legal')
  assert.equal(carrier.asOutreach('Legal').kind, 'cannot')
  clock.now = 60_000
  await prepare('Legal')
  assert.deepEqual(carrier.asOutreach('Legal'), value('4'))
  assert.deepEqual(calls, { outreach: 2, workbooks: 2 })
})

test('a stage that was refused is left alone for a quarter of an hour', async () => {
  const { carrier, prepare, clock, wasRefused } = open({ table })
  await prepare()
  wasRefused('outreach', '1')
  wasRefused('workbooks', 'Lead')
  assert.deepEqual(carrier.asOutreach('Lead'), left('Outreach does not take its stage "Discovery"'))
  assert.deepEqual(carrier.asWorkbooks('1'), value('Qualified'))
  clock.now = 15 * 60_000 + 1
  assert.deepEqual(carrier.asOutreach('Lead'), value('1'))
  assert.deepEqual(carrier.asWorkbooks('1'), value('Lead'))
})

test('server-to-server credentials ask for no stages: they are left alone, and it is said', async () => {
  const { carrier, prepare, calls, said } = open({ table, isOAuth: false })
  await prepare('Lead', '1')
  assert.deepEqual(calls, { outreach: 0, workbooks: 0 })
  assert.deepEqual(said, ['Outreach shows its opportunity stages to OAuth credentials only'])
  const unread = left('the stages of Outreach cannot be read; ops status says why')
  assert.deepEqual([carrier.asOutreach('Lead'), carrier.asWorkbooks('1')], [unread, unread])
  // Nor is one cleared because the other was; two blanks mean the same all the same.
  assert.deepEqual([carrier.asOutreach(null), carrier.asWorkbooks(null)], [unread, unread])
  assert.equal(carrier.meansSame(null, null), true)
})

test('a refused scope leaves stages alone; Outreach that is away stops the sync', async () => {
  const refused = open({ outreachError: faultOf('outreach') })
  await refused.prepare()
  assert.deepEqual(refused.said, ['allow it'])
  const away = open({
    outreachError: new SystemAway('away', { system: 'outreach', status: 503 }),
  })
  await assert.rejects(away.prepare(), { name: 'SystemAway' })
})

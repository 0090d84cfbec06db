import assert from 'node:assert/strict'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'vitest'
import * as checks from '../kill-nine/checks.ts'
import { makeLives, type Ended, type Life } from '../kill-nine/lives.ts'
import { makeRandom } from '../kill-nine/random.ts'
import { until } from '../operators.ts'
import { makeStoreSettings } from '../shared-stores.ts'
import { findOrderFaults, readDecisions } from './find-order-faults.ts'
import { openTown, type Town } from './open-town.ts'

const pairs = 24

test('consumers join, leave and die in the middle of a batch, while people go on editing', async () => {
  await using stack = new AsyncDisposableStack()
  // Each of three consumers has some of every topic, so that the doomed one gets to PATCH.
  const stores = { ...(await makeStoreSettings()), KAFKA_TOPIC_PARTITIONS: '6' }
  const town = await openTown(stack, { stores })
  const { gateways, door, dir, env, outreach, workbooks } = town
  const lives = makeLives({ dir, env, passesFile: join(dir, 'passes') })
  stack.defer(() => lives.close())
  const joinGroup = async (kill?: {
    readonly at: string
    readonly pass: number
  }): Promise<Life> => {
    const { env: own } = await town.findLot()
    const life = lives.start({ env: own, roles: ['consumers'], ...(kill && { kill }) })
    await until('it has started', () => life.said().includes('"role":"consumers"'))
    return life
  }
  for (const lot of gateways) await town.start('gateway', lot)
  const first = await joinGroup()
  const book = await makeBook(town)
  outreach.calls.reset()
  workbooks.calls.reset()

  const working = setInterval(book.edit, 60)
  stack.defer(() => clearInterval(working))
  const second = await joinGroup()
  await untilHandled(town)
  const doomed = await joinGroup({ at: 'before: call Outreach: PATCH', pass: 5 })
  assert.equal((await untilEnded(doomed)).signal, 'SIGKILL', doomed.said())
  first.signal('SIGTERM')
  assert.deepEqual(await untilEnded(first), { code: 0, signal: null }, first.said().slice(-3_000))
  await joinGroup()
  await untilHandled(town)
  second.signal('SIGKILL')
  await second.ended
  await joinGroup()
  await untilHandled(town)
  clearInterval(working)
  await town.untilSettled(gateways[0])

  assert.deepEqual(book.differences(), [])
  const { edits } = book
  assert.ok(edits.workbooks > 100 && edits.outreach > 100)
  const patches = outreach.calls.counts()['PATCH accounts'] ?? 0
  const rows = workbooks.calls.counts()['rows crm/organisations'] ?? 0
  assert.ok(patches > 0 && patches <= edits.workbooks, `${patches} PATCHes`)
  assert.ok(rows > 0 && rows <= edits.outreach, `${rows} rows`)

  const events = await town.readEvents()
  checks.assertNothingRefused(town, door.answers)
  checks.assertNothingLost(events, door.acknowledged)
  await using store = await town.openState()
  assert.deepEqual(findOrderFaults(events, await readDecisions(store)), [])
}, 600_000)

/** Says what the process said where it does not end. */
async function untilEnded({ ended, said }: Life): Promise<Ended> {
  const late = new AbortController()
  const overdue = sleep(60_000, undefined, { signal: late.signal, ref: false }).then(() => {
    throw new Error(`within 60 s it did not end; it said last: ${said().slice(-3_000)}`)
  })
  try {
    return await Promise.race([ended, overdue])
  } finally {
    late.abort()
    overdue.catch(() => undefined)
  }
}

/** Linked pairs, of which people edit the name in Workbooks and the industry in Outreach. */
async function makeBook({ workbooks, outreach, gateways, untilSettled }: Town) {
  const random = makeRandom(3)
  const made = Array.from({ length: pairs }, (_, at) =>
    workbooks.person.create('organisations', {
      name: `Company ${at}`,
      cf_organisation_sync_to_outreach: true,
    }),
  )
  await untilSettled(gateways[0])
  const book = made.map(({ id }, at) => {
    const w = Number(id)
    const o = Number(workbooks.person.read('organisations', w)?.['cf_organisation_outreach_id'])
    return { w, o, name: `Company ${at}`, industry: '' }
  })
  const edits = { workbooks: 0, outreach: 0 }
  return {
    edits,
    edit: () => {
      const known = book[Math.floor(random() * book.length)]
      if (known === undefined) return
      if (random() < 0.5) {
        edits.workbooks += 1
        known.name = `Company ${known.w} turn ${edits.workbooks}`
        workbooks.person.update('organisations', known.w, { name: known.name })
        return
      }
      edits.outreach += 1
      known.industry = `Industry ${edits.outreach}`
      outreach.person.update('account', known.o, { attributes: { industry: known.industry } })
    },
    differences: () =>
      book.flatMap(({ w, o, ...wanted }) => {
        const row = workbooks.person.read('organisations', w) ?? {}
        const account = outreach.person.read('account', o)?.attributes ?? {}
        const seen = [row, account].map((one) => ({
          name: one['name'],
          industry: one['industry'] ?? '',
        }))
        const isRight = seen.every(
          ({ name, industry }) => name === wanted.name && industry === wanted.industry,
        )
        return isRight ? [] : [{ w, o, wanted, seen }]
      }),
  }
}

/** Whoever is there handles what has come until now and some more. */
async function untilHandled({ openState }: Town): Promise<void> {
  await using store = await openState()
  const count = async () => {
    const [row] = await store.read({ sql: 'SELECT COUNT(*) AS count FROM outcomes' })
    return Number(row?.['count'])
  }
  const before = await count()
  await until('outcomes of another 50 hints', async () => (await count()) > before + 50, 120_000)
}

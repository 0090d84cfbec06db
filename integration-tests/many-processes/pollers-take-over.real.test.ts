import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { Process } from '../open-process.ts'
import { until } from '../open-street.ts'
import { openTown, type Town } from './open-town.ts'

/** The shortest that may be set. */
const everySeconds = '5'

test('no webhook comes, and two processes poll in turn: kill -9 of one, then of the other, and whoever is left finds what changed', async () => {
  await using stack = new AsyncDisposableStack()
  const town = await openTown(stack)
  const { outreach, workbooks } = town
  outreach.webhooks.change({ drops: 1 })
  workbooks.hooks.setDisorder({ drops: 1 })
  await town.start('consumers')
  const first = await startPoller(town)
  const second = await startPoller(town)
  await assertFound(town, 'Acme')

  await kill(first)
  await assertFound(town, 'Borealis')
  await startPoller(town)
  await kill(second)
  await assertFound(town, 'Corvus')

  const names = outreach.person.list('account').map(({ attributes }) => attributes['name'])
  assert.deepEqual(names, ['Acme', 'Borealis', 'Corvus'])
  const { 'read crm/people': polls = 0 } = workbooks.calls.counts()
  // One process at a time: where nobody edits people, each interval asks for them once.
  const seconds = (Date.now() - (workbooks.calls.log()[0]?.at ?? 0)) / 1_000
  assert.ok(polls <= seconds / Number(everySeconds) + 3, `${polls} in ${seconds} s`)
})

async function startPoller(town: Town): Promise<Process> {
  const lot = await town.findLot()
  const env = { ...lot.env, RECONCILE_INTERVAL_SECONDS: everySeconds }
  return town.start('reconciliation', { ...lot, env })
}

async function kill(process: Process): Promise<void> {
  process.signal('SIGKILL')
  assert.equal((await process.ended).signal, 'SIGKILL')
}

/** Somebody creates an organisation that is to be synchronised, and it becomes an account. */
async function assertFound({ workbooks, outreach }: Town, name: string): Promise<void> {
  workbooks.person.create('organisations', { name, cf_organisation_sync_to_outreach: true })
  await until(`the account of ${name}`, () =>
    outreach.person.list('account').find(({ attributes }) => attributes['name'] === name),
  )
}

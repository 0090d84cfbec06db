import assert from 'node:assert/strict'
import { test } from 'vitest'
import { forgetMembers } from '../../event-log/kafka/forget-members.fixture.ts'
import type { Process } from '../open-process.ts'
import { until } from '../open-street.ts'
import { openTown, type Town } from './open-town.ts'

const count = 450
/** After so many PATCHes the consumer at this place is killed. */
const kills = [120, 260] as const

test('kill -9 of either consumer while 450 people follow their organisation: the other goes on where it was, nobody is lost, nobody is written twice', async () => {
  await using stack = new AsyncDisposableStack()
  const town = await openTown(stack)
  const { outreach, workbooks, gateways, env } = town
  await Promise.all(gateways.map((lot) => town.start('gateway', lot)))
  const consumers = await Promise.all([town.start('consumers'), town.start('consumers')])
  const acme = workbooks.person.create('organisations', { name: 'Acme' })
  for (let at = 0; at < count; at += 1) {
    workbooks.person.create('people', {
      ...{ name: `Mara ${at}`, person_last_name: `Quill ${at}`, employer_link: acme['id'] },
      cf_person_sync_to_outreach: true,
    })
  }
  await town.untilSettled(gateways[0])
  assert.equal(outreach.person.list('prospect').length, count)

  outreach.calls.reset()
  const died = killAlong(town, consumers)
  const ticked = { cf_organisation_sync_to_outreach: true }
  workbooks.person.update('organisations', Number(acme['id']), ticked)
  for (const [at, death] of died.entries()) {
    await death
    await forgetMembers(env['KAFKA_BROKERS'] ?? '', `${env['KAFKA_PREFIX'] ?? ''}gateway-sync`)
    if (at === 0) await town.start('consumers')
  }
  await until('all have followed', () => (countFollowers(town) === count ? true : undefined))
  await town.untilSettled(gateways[0])
  assert.equal(outreach.person.list('account').length, 1)
  // What was under way when they died had arrived, and is seen to have.
  assert.equal(outreach.calls.counts()['PATCH prospects'], count)
}, 600_000)

/** Resolves, in their order, once each of them is dead. */
function killAlong(
  { outreach }: Town,
  consumers: readonly [Process, Process],
): readonly Promise<unknown>[] {
  let patches = 0
  outreach.faults.beforeCommit(({ method }) => {
    if (method !== 'PATCH') return
    patches += 1
    for (const [at, after] of kills.entries()) {
      if (patches === after) consumers[at]?.signal('SIGKILL')
    }
  })
  return consumers.map(({ ended }) => ended)
}

function countFollowers({ outreach }: Town): number {
  const [account] = outreach.person.list('account')
  const all = outreach.person.list('prospect')
  return all.filter(({ links }) => links['account']?.id === account?.id).length
}

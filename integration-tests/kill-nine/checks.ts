import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { expect } from 'vitest'
import type { GatewayEvent } from '../../schemas/event.ts'
import type { Outcome } from '../../schemas/outcome.ts'
import type { Topic } from '../../schemas/topics.ts'
import type { StateStore } from '../../state/state-store.ts'
import { isContested, type Known, type People } from './people.ts'
import type { Acknowledged } from './recording-door.ts'
import type { Systems } from './systems.ts'

/** What the checks read of the log. */
export const checkedTopics = [
  'outreach.account',
  'workbooks.organisation',
  'sync.outcome',
  'gateway.quarantine',
] as const satisfies readonly Topic[]

/** Both systems have what people wrote last. */
export function assertAgreed(people: People, events: Events): void {
  const standing = people.book().filter(({ deletedIn }) => deletedIn === undefined)
  const different = standing.filter((known) => people.differences(known).length > 0)
  assert.equal(
    different.map((known) => explain(known, people, events)).join('\n'),
    '',
    'the last human edits stand on both sides',
  )
}

/** No sender gave up, and nobody was answered anything but 200. */
export function assertNothingRefused(
  { outreach, workbooks }: Systems,
  answers: readonly number[],
): void {
  const lost = outreach.webhooks.sent().filter(({ result }) => result.kind !== 'answered')
  assert.deepEqual(lost, [], 'deliveries lost by Outreach, which is no fault of the product')
  assert.equal(workbooks.hooks.counts().failed, 0, 'deliveries lost by Workbooks')
  assert.deepEqual(new Set(answers), new Set([200]))
}

/** Neither system has a record twice, nor one again that a person deleted. */
export function assertNothingDoubled({
  outreach,
  workbooks,
  people,
}: Systems & { people: People }): void {
  const accounts = outreach.person.list('account')
  const rows = workbooks.person.list('organisations')
  const gone = people.book().filter(({ deletedIn }) => deletedIn === 'outreach').length
  assert.equal(accounts.length, people.book().length - gone)
  expectUnique(
    'account names',
    accounts.map(({ attributes }) => attributes['name']),
  )
  expectUnique(
    'customIds',
    accounts.flatMap(({ attributes }) => attributes['customId'] ?? []),
  )
  assert.equal(rows.length, people.book().length)
  expectUnique(
    'organisation names',
    rows.map((row) => row['name']),
  )
  expectUnique(
    'Outreach Ids',
    rows.map((row) => row['cf_organisation_outreach_id']),
  )
  const flags = ['cf_organisation_outreach_sync_error', 'cf_organisation_outreach_duplicate']
  const flagged = rows.filter((row) => flags.some((flag) => row[flag] === true))
  assert.deepEqual(flagged, [], 'flagged organisations')
}

function expectUnique(what: string, values: readonly unknown[]): void {
  expect([...values].sort(), what).toEqual([...new Set(values)].sort())
}

/** What people wrote and what the product did about it: for whoever has to mend it. */
function explain(known: Known, people: People, events: Events): string {
  const pair = [String(known.ids.workbooks), String(known.ids.outreach)]
  const outcomes = (events.get('sync.outcome') ?? [])
    .map(({ data }) => data as Outcome)
    .filter(({ pair: { workbooks, outreach } }) => pair[0] === workbooks || pair[1] === outreach)
  const edits = known.edits.map((edit) => ({ ...edit, at: new Date(edit.at).toISOString() }))
  return [people.differences(known), edits, outcomes].map((part) => JSON.stringify(part)).join('\n')
}

/** By topic. */
export type Events = ReadonlyMap<string, readonly GatewayEvent[]>

/** Every delivery that was answered is in the log, under the id that follows from it. */
export function assertNothingLost(
  events: Events,
  acknowledged: readonly Acknowledged[],
  atLeast = 50,
): void {
  assert.ok(acknowledged.length >= atLeast, `${acknowledged.length} were acknowledged`)
  assert.deepEqual(events.get('gateway.quarantine'), [])
  const idsOf = (topic: string) => new Set(events.get(topic)?.map(({ id }) => id))
  const [accounts, organisations] = [idsOf('outreach.account'), idsOf('workbooks.organisation')]
  const lost = acknowledged.filter(({ path, body, answer }) => {
    assert.equal(answer, '{"accepted":1,"quarantined":0}')
    // What the two systems post, as the simulations make it.
    const said = JSON.parse(body.toString()) as {
      data?: { id: number }
      meta?: { eventName: string }
      event?: string
      id?: number
      lock_version?: number
    }
    if (path === '/webhooks/outreach') {
      const hash = createHash('sha256').update(body).digest('hex')
      return !accounts.has(`outreach.${said.meta?.eventName ?? ''}/${said.data?.id ?? 0}/${hash}`)
    }
    const { event = '', id = 0, lock_version: version = 0 } = said
    return !organisations.has(`workbooks.organisation.${event}/${id}/${version}`)
  })
  assert.deepEqual(lost, [], 'acknowledged, and not in the log')
}

/** Only fields that both sides edit may have met, and there the later edit has won. */
export function assertRightWinners(events: Events, people: People, atLeast = 50): void {
  // `sync.outcome` holds what the sync's schema allows.
  const outcomes = (events.get('sync.outcome') ?? []).map(({ data }) => data as Outcome)
  assert.ok(outcomes.length >= atLeast, `${outcomes.length} outcomes were told`)
  const unwanted = outcomes.filter(({ outcome }) => ['duplicate', 'failed'].includes(outcome))
  assert.deepEqual(unwanted, [])
  for (const { pair, conflicts = [] } of outcomes.filter(({ outcome }) => outcome === 'conflict')) {
    const known = people.book().find(({ ids }) => String(ids.workbooks) === pair.workbooks)
    assert.ok(known !== undefined && isContested(known), JSON.stringify({ pair, conflicts }))
    for (const { winner, losingValue } of conflicts) {
      const lost = known.edits.findIndex(({ value }) => value === losingValue)
      const isLater = known.edits.slice(lost + 1).some(({ side }) => side === winner)
      assert.ok(lost >= 0 && isLater, JSON.stringify({ known, conflicts }))
    }
  }
}

/** Of what was done, and stands in the state, the ids of what was not published. */
export async function findUntold(
  store: Pick<StateStore, 'read'>,
  events: Events,
): Promise<readonly string[]> {
  const rows = await store.read({ sql: 'SELECT id FROM outcomes' })
  const told = new Set(events.get('sync.outcome')?.map(({ id }) => id))
  return rows.map(({ id }) => String(id)).filter((id) => !told.has(`sync.outcome/${id}`))
}

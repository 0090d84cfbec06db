import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { Pair } from '../../../state/pairs.ts'
import type { HintEvent } from '../hint.ts'
import { opportunity } from '../kinds/opportunity.ts'
import { organisation } from '../kinds/organisation.ts'
import { settleKind } from '../kinds/settle-kind.ts'
import { printMemory, type PairMemory } from '../merge/memory.ts'
import { classifyHint, type Worth } from './classify-hint.ts'

const kind = settleKind(organisation)
const owner = 'queue_entry[queue[name]]'
const memory: PairMemory = {
  agreed: {
    name: { w: 'Larkfield', o: 'Larkfield' },
    website: { w: 'a', o: 'b', apart: true },
    [owner]: { w: 'Amy', o: '44' },
  },
  lockVersion: 7,
}
const patches = [
  {
    at: 0,
    updatedAt: '',
    fields: { name: { read: 'Old', left: 'Larkfield', w: 'Larkfield', sourceTime: 1 } },
  },
]
const pairOf = (more: Partial<PairMemory> = {}): Pair => ({
  ...{ kind: 'organisation', workbooksId: '226', outreachId: '4101', status: 'linked' },
  ...{ closedWhy: null, madeFrom: 'neither', idSeen: true },
  memory: printMemory({ ...memory, ...more }),
})

type Row = {
  readonly says: string
  readonly event: Partial<HintEvent>
  readonly pair?: Pair | null
  readonly want: Worth
}

const eventOf = (told: Partial<HintEvent>): HintEvent => ({
  ...{ id: 'e', origin: 'webhook', action: 'updated', updatedAt: 0, changedAt: 0 },
  ...{ changed: {}, before: {}, links: {}, linksBefore: {} },
  ...told,
})

function classify(side: 'workbooks' | 'outreach', { event, pair }: Row): Worth {
  const hint = { kind: 'organisation', side, id: '1', events: [eventOf(event)] }
  return classifyHint(kind, hint, pair === null ? undefined : (pair ?? pairOf()))
}

// prettier-ignore
const outreach: readonly Row[] = [
  { says: '"moves only touchedAt": it costs nothing',                    event: { changed: { touchedAt: 'x' } }, want: 'nothing' },
  { says: 'touchedAt and a mapped field',                                event: { changed: { touchedAt: 'x', name: 'New' } }, want: 'prompt' },
  { says: '"names no mapped field": it waits for company',               event: { changed: { updatedAt: 'x', custom9: 'y' } }, want: 'idle' },
  { says: 'names nothing at all: lists and cleared values may be left out', event: {}, want: 'idle' },
  { says: '"only values equal to ao": an echo',                          event: { changed: { name: ' Larkfield ' } }, want: 'idle' },
  { says: 'an owner equal to ao: an echo',                               event: { links: { owner: '44' } }, want: 'idle' },
  { says: 'a value that is not ao',                                      event: { changed: { name: 'New' } }, want: 'prompt' },
  { says: 'a cleared value',                                             event: { changed: { name: null } }, want: 'prompt' },
  { says: 'another owner',                                               event: { links: { owner: '45' } }, want: 'prompt' },
  { says: 'an equal value beside another one',                           event: { changed: { name: 'Larkfield', industry: 'Tea' } }, want: 'prompt' },
  { says: 'a field that was never agreed',                               event: { changed: { industry: 'Tea' } }, want: 'prompt' },
  { says: 'a field that stands apart is decided (3)',                    event: { changed: { websiteUrl: 'b' } }, want: 'prompt' },
  { says: 'an echo of a write that overwrote somebody (8)',              event: { changed: { name: 'Larkfield' }, before: { name: 'Theirs' } }, pair: pairOf({ patches }), want: 'prompt' },
  { says: 'an echo of a write that overwrote what we had read',          event: { changed: { name: 'Larkfield' }, before: { name: 'Old' } }, pair: pairOf({ patches }), want: 'idle' },
  { says: 'a record without a partner',                                  event: { changed: { name: 'Larkfield' } }, pair: null, want: 'prompt' },
  { says: 'a record that was trashed',                                   event: { changed: { trashedAt: 'x' } }, want: 'prompt' },
  { says: 'a record whose reference moved',                              event: { changed: { customId: 'x' } }, want: 'prompt' },
  { says: 'created, and without a partner',                              event: { action: 'created', changed: { name: 'Larkfield' } }, pair: null, want: 'prompt' },
  { says: 'created, and linked: our own create, told late',              event: { action: 'created' }, want: 'idle' },
  { says: 'destroyed',                                                   event: { action: 'destroyed' }, want: 'prompt' },
  { says: 'found by the poller',                                         event: { origin: 'reconciliation', changed: { name: 'Larkfield' } }, want: 'prompt' },
]

test.each(outreach)('a hint of Outreach (rulebook 2): $says', (row) => {
  assert.equal(classify('outreach', row), row.want)
})

// prettier-ignore
const workbooks: readonly Row[] = [
  { says: 'a version that was read or made here already is an echo',  event: { lockVersion: 7 }, want: 'idle' },
  { says: 'an older version as well',                                 event: { lockVersion: 6 }, want: 'idle' },
  { says: 'a newer version',                                          event: { lockVersion: 8 }, want: 'prompt' },
  { says: 'a hook that tells no version',                             event: {}, want: 'prompt' },
  { says: 'a record without a partner',                               event: { lockVersion: 7 }, pair: null, want: 'prompt' },
  { says: 'a pair that is closed',                                    event: { lockVersion: 7 }, pair: { ...pairOf(), status: 'closed' }, want: 'prompt' },
  { says: 'deleted',                                                  event: { action: 'deleted', lockVersion: 7 }, want: 'prompt' },
  { says: 'asked for by an operator',                                 event: { action: 'requested', origin: 'ops' }, want: 'prompt' },
]

test.each(workbooks)('a hint of Workbooks (rulebook 2): $says', (row) => {
  assert.equal(classify('workbooks', row), row.want)
})

test('of several events the worthiest counts', () => {
  const events = [{ changed: { touchedAt: 'x' } }, { changed: {} }, { changed: { name: 'New' } }]
  const worths = [1, 2, 3].map((count) => {
    const told = events.slice(0, count).map(eventOf)
    const hint = { kind: 'organisation', side: 'outreach', id: '1', events: told } as const
    return classifyHint(kind, hint, pairOf())
  })
  assert.deepEqual(worths, ['nothing', 'idle', 'prompt'])
})

test('a stage is named by either of its names (outreach-api 1.7), and its echo is an echo', () => {
  const opportunityKind = settleKind(opportunity)
  const stage = { w: 'Proposal', o: '4' }
  const pair = pairOf({ agreed: { 'opportunity_stage[name]': stage } })
  const worthOf = (links: HintEvent['links']) => {
    const events = [eventOf({ links })]
    const hint = { kind: 'opportunity', side: 'outreach', id: '950', events } as const
    return classifyHint(opportunityKind, hint, pair)
  }
  assert.deepEqual(
    [worthOf({ stage: '5' }), worthOf({ opportunityStage: '5' })],
    [...['prompt', 'prompt']],
  )
  assert.equal(worthOf({ stage: '4' }), 'idle')
})

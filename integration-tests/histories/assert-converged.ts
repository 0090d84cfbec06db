import assert from 'node:assert/strict'
import type { Outcome } from '../../schemas/outcome.ts'
import { contactsOf, isOnBothSides, rolesOf } from './contacts.ts'
import { explain, toName, toPlaceName, type Place } from './explain.ts'
import { fields, readText, type World } from './fields.ts'
import type { History } from './make-history.ts'
import { kindNames, places, recordOf, rowOf, type KindName, type Known } from './known.ts'
import { isOptedOut } from './opt-outs.ts'

/** Both systems say the same of everything that is not deleted, and nothing is there twice. */
export function assertConverged(
  { world, book, optOuts }: Pick<History, 'world' | 'book' | 'optOuts'>,
  outcomes: readonly Outcome[],
): void {
  const { population } = world
  const differences = kindNames.flatMap((kind) => [
    ...findDoubled(world, kind),
    ...population
      .standing(kind)
      .flatMap((known) => findDifferences(world, known))
      .map(
        ({ what, ...place }) =>
          `${toPlaceName(place)}: ${what}\n${explain({ world, book }, place, outcomes)}`,
      ),
  ])
  assert.ok(differences.length === 0, `what does not agree\n${differences.join('\n\n')}`)
  for (const [known, { isOut, isSure }] of optOuts) {
    if (known.deletedIn !== undefined || !isSure) continue
    assert.equal(isOptedOut(world, 'outreach', known), isOut, `the last word of ${toName(known)}`)
  }
}

type Difference = Place & { readonly what: string }

/** Every record of either system is one that somebody made, or the partner of one. */
function findDoubled({ systems, population }: World, kind: KindName): readonly string[] {
  const { rows, type } = places[kind]
  const knowns = population.all().filter((known) => known.kind === kind)
  const here = new Set(knowns.map(({ ids }) => ids.workbooks))
  const there = new Set(knowns.map(({ ids }) => ids.outreach))
  const columns = ['name', 'description', 'created_through_reference', `cf_${kind}_outreach_id`]
  const doubledHere = systems.workbooks.person
    .list(rows)
    .filter(({ id }) => !here.has(Number(id)))
    .map((row) => `${rows} ${JSON.stringify(['id', ...columns].map((name) => row[name]))}`)
  const doubledThere = systems.outreach.person
    .list(type)
    .filter(({ id }) => !there.has(id))
    .map(({ id, attributes }) => {
      const { name, customId, externalId } = attributes
      return `${type} ${JSON.stringify({ id, name, customId, externalId })}`
    })
  return [...doubledHere, ...doubledThere].map((which) => `nobody made ${which}`)
}

function findDifferences(world: World, known: Known): readonly Difference[] {
  const { systems } = world
  const row = rowOf(systems, known)
  if (row === undefined || recordOf(systems, known) === undefined) {
    return [{ known, field: 'id', what: 'on one side only' }]
  }
  const flags = ['outreach_sync_error', 'outreach_duplicate']
    .filter((flag) => row[`cf_${known.kind}_${flag}`] === true)
    .map((field) => ({ known, field, what: 'stands flagged' }))
  return [
    ...flags,
    ...fieldDifferences(world, known),
    ...(known.kind === 'person' ? optOutDifferences(world, known) : []),
    ...(known.kind === 'opportunity' ? opportunityDifferences(world, known) : []),
  ]
}

function fieldDifferences(world: World, known: Known): readonly Difference[] {
  return fields
    .filter(({ kind }) => kind === known.kind)
    .flatMap((field) => {
      const w = readText(world, 'workbooks', { known, field })
      const o = readText(world, 'outreach', { known, field })
      // Whoever deletes an organisation does not dismiss its people; Outreach forgets the link by itself.
      const isOpen = field.isLink === true && [w, o].some((value) => namesDeleted(world, value))
      return w === o || isOpen ? [] : [{ known, field: field.name, what: `${w} / ${o}` }]
    })
}

/** Of a link's text: whether it names an organisation that somebody deleted. */
export function namesDeleted({ population }: World, value: string): boolean {
  const id = Number(/^organisation (\d+)$/.exec(value)?.[1] ?? 0)
  return id > 0 && population.find('organisation', 'workbooks', id)?.deletedIn !== undefined
}

function optOutDifferences(world: World, known: Known): readonly Difference[] {
  const [w, o] = [isOptedOut(world, 'workbooks', known), isOptedOut(world, 'outreach', known)]
  return w === o ? [] : [{ known, field: 'no_email_soliciting', what: `${w} / ${o}` }]
}

function opportunityDifferences(world: World, known: Known): readonly Difference[] {
  const { systems } = world
  const field = 'document_currency_net_value'
  const pounds = Number.parseFloat(String(rowOf(systems, known)?.[field]))
  const amount = Number(recordOf(systems, known)?.attributes['amount'] ?? 0)
  const amounts =
    Math.abs(pounds - amount) < 1 ? [] : [{ known, field, what: `${pounds} / ${amount}` }]
  const contacts = [...contactsOf(world, known)]
    // Who is gone from one side stays on the other as it was.
    .filter((person) => person.deletedIn === undefined && isOnBothSides(systems, person))
    .flatMap((person) => {
      const w = rolesOf(systems, 'workbooks', { opportunity: known, person })
      const o = rolesOf(systems, 'outreach', { opportunity: known, person })
      return w === o ? [] : [{ known, field: person, what: `${w} / ${o}` }]
    })
  return [...amounts, ...contacts]
}

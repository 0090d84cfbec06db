import type { Book } from './book.ts'
import { contactsOf, editContact, rolesOf, type ContactEdit } from './contacts.ts'
import { editRecord, fields, readText, type Field, type World } from './fields.ts'
import { isThere, kindNames, places, rowOf, type KindName, type Known, type Side } from './known.ts'
import { makeRecord } from './make-record.ts'
import { editOptOut, type OptOut } from './opt-outs.ts'

type Deps = {
  readonly world: World
  readonly book: Book
  /** What people last did, by person. */
  readonly optOuts: Map<Known, OptOut>
  /** 0 to 1. */
  readonly random: () => number
  readonly pick: <Item>(items: readonly Item[]) => Item | undefined
  readonly isSettled: () => boolean
}

export type MoveName =
  | 'edit a field'
  | 'edit an opportunity'
  | 'edit a link'
  | 'edit a field on both sides'
  | 'type an amount'
  | 'opt out or in'
  | 'add a contact'
  | 'change a role'
  | 'remove a contact'
  | 'make an organisation'
  | 'make an organisation that is kept out'
  | 'make a person'
  | 'make an opportunity'
  | 'let an organisation in'
  | 'flag a person'
  | 'delete a record'

const sides: readonly Side[] = ['workbooks', 'outreach']

/** What people do; each says whether there was something to do. */
export function makeMoves({ world, book, optOuts, random, pick, isSettled }: Deps) {
  const { systems, population } = world
  let turns = 0

  function editField(field: Field, known: Known, side: Side): boolean {
    const saw = readText(world, side, { known, field })
    const value = field.propose(world, side, { random: random(), number: ++turns })
    if (value === saw) return false
    const isLoose = field.isLink === true && !isLinkedName(value)
    field.write(world, side, { known, value })
    book.write({ known, field: field.name, side, value, saw, isLoose })
    book.allow(1)
    return true
  }

  function isLinkedName(value: string): boolean {
    const id = Number(value.replace(/^\D+/, ''))
    const known = population.find('organisation', 'workbooks', id)
    return value === '' || known?.ids.outreach !== undefined
  }

  function someEdit(of: (field: Field) => boolean, at: readonly Side[]): boolean {
    const field = pick(fields.filter(of))
    const known = field && pick(population.linked(field.kind))
    if (field === undefined || known === undefined) return false
    return at.map((side) => editField(field, known, side)).includes(true)
  }

  const someSide = (): Side => pick(sides) ?? 'workbooks'

  function contactMove(what: ContactEdit['what'], side: Side): boolean {
    const opportunity = pick(population.linked('opportunity'))
    if (opportunity === undefined) return false
    const those = contactsOf(world, opportunity)
    const isContact = (known: Known) =>
      those.has(known) && rolesOf(systems, side, { opportunity, person: known }) !== ''
    const present = population.in(side, 'person').filter((one) => isThere(systems, one, side))
    // Now and then somebody who is a contact already gets one more role.
    const isNew = what === 'add' && random() < 0.85
    const person = pick(present.filter((one) => isContact(one) !== isNew))
    if (person === undefined) return false
    const saw = rolesOf(systems, side, { opportunity, person })
    editContact(world, side, { opportunity, person, what, role: `Role ${++turns}` })
    const value = rolesOf(systems, side, { opportunity, person })
    const isLoose = person.ids.workbooks === undefined || person.ids.outreach === undefined
    book.write({ known: opportunity, field: person, side, value, saw, isLoose })
    book.allow(1)
    return true
  }

  function make(kind: KindName, side: Side, isAllowedIn = true): boolean {
    makeRecord(world, { kind, side, number: ++turns, pick, isAllowedIn })
    // Made on the other side, the Outreach Id, and the link to a parent that came later.
    book.allow(side === 'workbooks' ? 3 : 2)
    return true
  }

  function optOut(side: Side): boolean {
    const known = pick(population.linked('person'))
    if (known === undefined) return false
    const [isOut, mark] = [random() < 0.5, pick(['optedOut', 'emailOptedOut'] as const)]
    const asked = { known, isOut, mark: mark ?? 'optedOut', isSettled: isSettled() }
    const done = editOptOut(world, side, asked)
    if (done === undefined) return false
    optOuts.set(known, done)
    book.allow(1)
    return true
  }

  function remove(side: Side): boolean {
    const known = pick(kindNames.flatMap((kind) => population.in(side, kind)))
    if (known === undefined) return false
    const { rows, type } = places[known.kind]
    if (side === 'workbooks') systems.workbooks.person.remove(rows, known.ids.workbooks ?? 0)
    else systems.outreach.person.remove(type, known.ids.outreach ?? 0)
    known.deletedIn = side
    return true
  }

  const setFlag = (known: Known, columns: object): void =>
    editRecord(systems, 'workbooks', { known, columns })

  const isPlain = ({ isLink }: Field) => isLink !== true
  const moves: Readonly<Record<MoveName, (side: Side) => boolean>> = {
    'edit a field': (side) => someEdit(isPlain, [side]),
    'edit an opportunity': (side) =>
      someEdit((field) => isPlain(field) && field.kind === 'opportunity', [side]),
    'edit a link': (side) => someEdit((field) => !isPlain(field), [side]),
    'edit a field on both sides': () => someEdit(() => true, sides),
    'type an amount': () => {
      const known = pick(population.linked('opportunity'))
      if (known === undefined) return false
      const columns = { document_currency_net_value: String(100 + ++turns) }
      editRecord(systems, 'workbooks', { known, columns })
      book.allow(1)
      return true
    },
    'opt out or in': optOut,
    'add a contact': (side) => contactMove('add', side),
    'change a role': (side) => contactMove('change', side),
    'remove a contact': (side) => contactMove('remove', side),
    'make an organisation': (side) => make('organisation', side),
    'make an organisation that is kept out': () => make('organisation', 'workbooks', false),
    'make a person': (side) => make('person', side),
    'make an opportunity': (side) => make('opportunity', side),
    'let an organisation in': () => {
      const known = pick(population.standing('organisation').filter(isKeptOut))
      if (known === undefined) return false
      setFlag(known, { cf_organisation_sync_to_outreach: true })
      book.allow(2)
      return true
    },
    'flag a person': () => {
      const known = pick(population.linked('person'))
      if (known === undefined) return false
      setFlag(known, { cf_person_outreach_sync_error: !isFlagged(known) })
      return true
    },
    'delete a record': remove,
  }

  function isKeptOut(known: Known): boolean {
    return rowOf(systems, known)?.[`cf_${known.kind}_sync_to_outreach`] === false
  }

  function isFlagged(known: Known): boolean {
    return rowOf(systems, known)?.[`cf_${known.kind}_outreach_sync_error`] === true
  }

  return {
    /** One move, on this side where it has one; false where nobody could make it. */
    make: (name: MoveName, side = someSide()): boolean => moves[name](side),
    /** Lets it be synchronised after all. */
    clear(known: Known): void {
      if (known.ids.workbooks === undefined) return
      if (isKeptOut(known)) setFlag(known, { [`cf_${known.kind}_sync_to_outreach`]: true })
      if (isFlagged(known)) setFlag(known, { [`cf_${known.kind}_outreach_sync_error`]: false })
    },
  }
}

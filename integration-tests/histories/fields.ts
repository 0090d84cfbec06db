import type { Systems } from '../kill-nine/systems.ts'
import {
  places,
  recordOf,
  rowOf,
  type KindName,
  type Known,
  type Population,
  type Side,
} from './known.ts'

/** Both systems, and every record that somebody made in them. */
export type World = { readonly systems: Systems; readonly population: Population }

/**
 * A field that people edit on both sides. Values are compared as one text, whatever each system
 * makes of it: blank is ''.
 */
export type Field = {
  readonly kind: KindName
  /** The mapping's Workbooks name. */
  readonly name: string
  /** Its values name organisations. */
  readonly isLink?: true
  /** From a system's own form, as its record or an outcome shows it. */
  readonly toText: (world: World, side: Side, raw: unknown) => string
  readonly read: (world: World, side: Side, known: Known) => unknown
  readonly write: (world: World, side: Side, edit: { known: Known; value: string }) => void
  /** Something to write; a new one each time where the field has room for that. */
  readonly propose: (world: World, side: Side, turn: { random: number; number: number }) => string
}

/** The value as it stands on this side. */
export function readText(world: World, side: Side, at: { known: Known; field: Field }): string {
  return at.field.toText(world, side, at.field.read(world, side, at.known))
}

export function editRecord(
  { workbooks, outreach }: Systems,
  side: Side,
  {
    known: { kind, ids },
    ...what
  }: { known: Known; columns?: object; attributes?: object; links?: object },
): void {
  const { rows, type } = places[kind]
  const { columns = {}, attributes = {}, links = {} } = what
  if (side === 'workbooks') workbooks.person.update(rows, ids.workbooks ?? 0, { ...columns })
  else {
    const wish = { attributes: { ...attributes }, links: { ...links } }
    outreach.person.update(type, ids.outreach ?? 0, wish)
  }
}

type Names = { readonly kind: KindName; readonly column: string; readonly attribute: string }

function readNamed({ column, attribute }: Names): Field['read'] {
  return ({ systems }, side, known) =>
    side === 'workbooks'
      ? rowOf(systems, known)?.[column]
      : recordOf(systems, known)?.attributes[attribute]
}

type ToValue = (number: number) => string

const toPlain: ToValue = (number) => `Value ${number}`
const toPage: ToValue = (number) => `https://page-${number}.example`

function text(names: Names, toValue = toPlain): Field {
  const { kind, column, attribute } = names
  return {
    kind,
    name: column,
    toText: (_world, _side, raw) => toPlainText(raw),
    read: readNamed(names),
    write: ({ systems }, side, { known, value }) =>
      editRecord(systems, side, {
        known,
        columns: { [column]: value },
        attributes: { [attribute]: value },
      }),
    propose: (_world, _side, { number }) => toValue(number),
  }
}

function toPlainText(raw: unknown): string {
  return typeof raw === 'string' ? raw : ''
}

const probabilities = {
  kind: 'opportunity',
  column: 'probability',
  attribute: 'probability',
} as const

const probability: Field = {
  kind: 'opportunity',
  name: 'probability',
  // Workbooks has 0 where nobody said anything.
  toText: (_world, _side, raw) => (Number(raw ?? 0) === 0 ? '' : String(Number(raw))),
  read: readNamed(probabilities),
  write: ({ systems }, side, { known, value }) => {
    const written = { probability: Number(value) }
    editRecord(systems, side, { known, columns: written, attributes: written })
  },
  propose: (_world, _side, { number }) => String(1 + (number % 100)),
}

const dayMs = 86_400_000

const closeDate: Field = {
  kind: 'opportunity',
  name: 'document_date',
  toText: (_world, _side, raw) => {
    const said = typeof raw === 'string' ? raw.trim() : ''
    if (said === '') return ''
    // Workbooks says ` 3 Oct 2025`.
    const ms = Date.parse(/^\d{4}-/.test(said) ? said : `${said} UTC`)
    return new Date(ms).toISOString().slice(0, 10)
  },
  read: readNamed({ kind: 'opportunity', column: 'document_date', attribute: 'closeDate' }),
  write: ({ systems }, side, { known, value }) =>
    editRecord(systems, side, {
      known,
      columns: { document_date: value },
      attributes: { closeDate: `${value}T16:30:00.000Z` },
    }),
  propose: (_world, _side, { number }) =>
    new Date(Date.UTC(2027, 0, 1) + (number % 3_000) * dayMs).toISOString().slice(0, 10),
}

/** Both systems have these names. */
const stageNames = ['Proposal', 'Negotiation', 'Closed Won', 'Closed Lost'] as const

const stage: Field = {
  kind: 'opportunity',
  name: 'opportunity_stage[name]',
  toText: ({ systems }, side, raw) => {
    if (side === 'workbooks') return toPlainText(raw)
    const found = systems.outreach.person.read('opportunityStage', Number(raw ?? 0))
    return toPlainText(found?.attributes['name'])
  },
  read: ({ systems }, side, known) =>
    side === 'workbooks'
      ? rowOf(systems, known)?.['opportunity_stage[name]']
      : recordOf(systems, known)?.links['opportunityStage']?.id,
  write: ({ systems }, side, { known, value }) => {
    const all = systems.outreach.person.list('opportunityStage')
    const there = all.find(({ attributes }) => attributes['name'] === value)
    editRecord(systems, side, {
      known,
      columns: { 'opportunity_stage[name]': value },
      links: { opportunityStage: there?.id ?? null },
    })
  },
  propose: (_world, _side, { random }) =>
    stageNames[Math.floor(random * stageNames.length)] ?? stageNames[0],
}

/** A link to an organisation, named as `organisation <its Workbooks id>`. */
function employment(kind: 'person' | 'opportunity', column: string): Field {
  return {
    kind,
    name: column,
    isLink: true,
    toText: ({ population }, side, raw) => {
      const id = Number(raw ?? 0)
      if (id === 0) return ''
      const known = population.find('organisation', side, id)
      return known?.ids.workbooks === undefined
        ? `${side} ${id}`
        : `organisation ${known.ids.workbooks}`
    },
    read: ({ systems }, side, known) =>
      side === 'workbooks'
        ? rowOf(systems, known)?.[column]
        : recordOf(systems, known)?.links['account']?.id,
    write: ({ systems, population }, side, { known, value }) => {
      const id = Number(value.replace(/^\D+/, ''))
      const to = id === 0 ? undefined : population.find('organisation', 'workbooks', id)
      editRecord(systems, side, {
        known,
        columns: { [column]: to?.ids.workbooks ?? null },
        links: { account: to?.ids.outreach ?? null },
      })
    },
    propose: ({ population }, side, { random }) => {
      const others = population.in(side, 'organisation')
      const id = others[Math.floor(random * (others.length + 1))]?.ids.workbooks
      return id === undefined ? '' : `organisation ${id}`
    },
  }
}

/** What people edit; opt-outs and the contacts of opportunities have rules of their own. */
export const fields: readonly Field[] = [
  text(
    { kind: 'organisation', column: 'name', attribute: 'name' },
    (number) => `Company ${number}`,
  ),
  text({ kind: 'organisation', column: 'website', attribute: 'websiteUrl' }, toPage),
  text({ kind: 'organisation', column: 'biography', attribute: 'description' }),
  text({ kind: 'person', column: 'person_job_title', attribute: 'title' }),
  text({ kind: 'person', column: 'linkedin_url', attribute: 'linkedInUrl' }, toPage),
  employment('person', 'employer_link'),
  text(
    { kind: 'opportunity', column: 'description', attribute: 'name' },
    (number) => `Deal ${number}`,
  ),
  text({ kind: 'opportunity', column: 'comment', attribute: 'description' }),
  probability,
  closeDate,
  stage,
  employment('opportunity', 'party_id'),
]

import type { World } from './fields.ts'
import { places, type KindName, type Known, type Side } from './known.ts'

type Wish = {
  readonly kind: KindName
  readonly side: Side
  /** For names that nobody else has. */
  readonly number: number
  readonly pick: <Item>(items: readonly Item[]) => Item | undefined
  /** Whether it is to be synchronised, where it is made in Workbooks. */
  readonly isAllowedIn: boolean
}

/** Somebody makes a record on this side; a parent's link, where the kind has one, is drawn. */
export function makeRecord({ systems, population }: World, wish: Wish): Known {
  const { kind, side, pick, isAllowedIn } = wish
  const { rows, type } = places[kind]
  const parent = pick([undefined, ...population.in(side, 'organisation')])
  if (side === 'workbooks') {
    const { workbooks: id } = parent?.ids ?? {}
    const columns = { ...columnsOf(wish, id), [`cf_${kind}_sync_to_outreach`]: isAllowedIn }
    return population.add(kind, side, Number(systems.workbooks.person.create(rows, columns)['id']))
  }
  const links = kind === 'organisation' ? {} : { account: parent?.ids.outreach ?? null }
  const made = systems.outreach.person.create(type, { attributes: attributesOf(wish), links })
  return population.add(kind, side, made.id)
}

function columnsOf(
  { kind, number }: Wish,
  parent: number | undefined,
): Readonly<Record<string, unknown>> {
  switch (kind) {
    case 'organisation':
      return { name: `Company ${number}` }
    case 'person':
      return {
        ...{ name: `Mara ${number}`, person_first_name: 'Mara', person_last_name: `Q${number}` },
        'main_location[email]': `mara${number}@acme.example`,
        ...(parent === undefined ? {} : { employer_link: parent }),
      }
    case 'opportunity':
      return {
        ...{ description: `Deal ${number}`, 'opportunity_stage[name]': 'Proposal' },
        ...(parent === undefined ? {} : { party_id: parent }),
      }
    default:
      return kind satisfies never
  }
}

function attributesOf({ kind, number }: Wish): Readonly<Record<string, unknown>> {
  switch (kind) {
    case 'organisation':
      return { name: `Company ${number}`, named: true }
    case 'person':
      return { firstName: 'Mara', lastName: `Q${number}`, emails: [`mara${number}@acme.example`] }
    case 'opportunity':
      return { name: `Deal ${number}` }
    default:
      return kind satisfies never
  }
}

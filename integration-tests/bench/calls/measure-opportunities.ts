import { entriesOf, roleRowsOf } from '../../histories/contacts.ts'
import { editRecord } from '../../histories/fields.ts'
import { recordOf, rowOf, type Known } from '../../histories/known.ts'
import { startHouse, type House } from '../../start-house.ts'
import {
  hundreds,
  measureScenario,
  renderScenarios,
  setDrops,
  shipped,
  type Scenario,
} from './run-scenario.ts'

type Named = Omit<Scenario<Known>, 'count'>

const contactsEach = 3

let names = 0
const newName = () => `Bench ${++names}`

/** Both records, and the rows of its contacts, a hundred at a time. */
const reads = (count: number) => ({
  readWorkbooks: hundreds(count),
  readOutreach: 2 * hundreds(count),
})

const namedInWorkbooks: Named = {
  name: 'renamed in Workbooks',
  edit: (house, all) => {
    const description = newName()
    for (const known of all) editRecord(house, 'workbooks', { known, columns: { description } })
    return () => all.every((known) => recordOf(house, known)?.attributes['name'] === description)
  },
  least: (count) => ({ ...reads(count), writeWorkbooks: 0, writeOutreach: count }),
}

const namedInOutreach: Named = {
  name: 'renamed in Outreach',
  edit: (house, all) => {
    const name = newName()
    for (const known of all) editRecord(house, 'outreach', { known, attributes: { name } })
    return () => all.every((known) => rowOf(house, known)?.['description'] === name)
  },
  least: (count) => ({ ...reads(count), writeWorkbooks: hundreds(count), writeOutreach: 0 }),
}

const roleInWorkbooks: Named = {
  name: "a contact's role changed in Workbooks",
  edit: (house, all) => {
    const role = newName()
    for (const known of all) {
      const [, ...others] = entriesOf(house, known).map((entry) => entry.role)
      const columns = { opportunity_contact_roles: [role, ...others] }
      editRecord(house, 'workbooks', { known, columns })
    }
    return () => all.every((known) => roleRowsOf(house, known).some((row) => row.role === role))
  },
  least: (count) => ({ ...reads(count), writeWorkbooks: 0, writeOutreach: count }),
}

const roleInOutreach: Named = {
  name: "a contact's role changed in Outreach",
  edit: (house, all) => {
    const role = newName()
    for (const known of all) {
      const [row] = roleRowsOf(house, known)
      const wish = { attributes: { role } }
      house.outreach.person.update('opportunityProspectRole', row?.id ?? 0, wish)
    }
    return () => all.every((known) => entriesOf(house, known).some((entry) => entry.role === role))
  },
  // Such an event names no opportunity: the rows are read by their ids first.
  least: (count) => ({
    readWorkbooks: hundreds(count),
    readOutreach: 3 * hundreds(count),
    writeWorkbooks: hundreds(count),
    writeOutreach: 0,
  }),
}

type Options = { readonly opportunities: number; readonly tell: (line: string) => void }

/** What changed opportunities cost in calls, each with three contacts; echoes of our own writes apart. */
export async function measureOpportunities({ opportunities, tell }: Options): Promise<string> {
  const edits = [namedInWorkbooks, namedInOutreach, roleInWorkbooks, roleInOutreach]
  const scenarios = edits.flatMap((one) => [
    { ...one, count: 1 },
    { ...one, count: opportunities },
  ])
  await using house = await startHouse(shipped)
  tell(`linking ${opportunities} opportunities with ${contactsEach} contacts each`)
  const all = await makeOpportunities(house, opportunities)
  const rows: (readonly string[])[] = []
  for (const scenario of scenarios) {
    tell(`${scenario.count} ${scenario.name}`)
    rows.push(await measureScenario(house, scenario, all))
  }
  return [
    `(e) API calls for N opportunities with ${contactsEach} contacts each (W: Workbooks, O: Outreach).`,
    '    "least": by rulebook 12, with one more list for the contacts; "echoes": what the webhooks of',
    '    our own writes cost on top.',
    '',
    renderScenarios(rows),
  ].join('\n')
}

async function makeOpportunities(house: House, count: number): Promise<readonly Known[]> {
  const { person } = house.workbooks
  const staff = Array.from({ length: 2 * contactsEach }, (_, at) => {
    const columns = { name: `Mara ${at}`, 'main_location[email]': `m${at}@bench.example` }
    return Number(person.create('people', { ...columns, cf_person_sync_to_outreach: true })['id'])
  })
  await house.settled(180_000)
  const made = Array.from({ length: count }, (_, at): Known => {
    const first = at % contactsEach
    const created = person.create('opportunities', {
      description: newName(),
      opportunity_contact_ids: staff.slice(first, first + contactsEach),
      opportunity_contact_roles: ['Buyer', 'Partner', 'Champion'],
      cf_opportunity_sync_to_outreach: true,
    })
    return { kind: 'opportunity', ids: { workbooks: Number(created['id']) } }
  })
  setDrops(house, 1)
  await house.settled(600_000)
  setDrops(house, 0)
  for (const known of made) {
    known.ids.outreach = Number(rowOf(house, known)?.['cf_opportunity_outreach_id'])
  }
  const isWhole = (known: Known) => roleRowsOf(house, known).length === contactsEach
  if (!made.every(isWhole)) throw new Error('the opportunities are not linked with their contacts')
  return made
}

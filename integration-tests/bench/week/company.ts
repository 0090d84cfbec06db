import { person, prospect } from '../../people.ts'
import { account, organisation } from '../../records.ts'
import type { House } from '../../start-house.ts'
import type { Doing } from './plan-week.ts'

type Pair = { readonly w: number; readonly o: number }

/** Records that the company has in both systems, linked since long ago. */
export type Company = {
  readonly organisations: readonly Pair[]
  readonly people: readonly Pair[]
}

type Systems = Pick<House, 'outreach' | 'workbooks'>

const yearMs = 365 * 86_400_000

/** What the old plug-in has linked: so many organisations, each with its people. */
export function seedCompany(
  { outreach, workbooks }: Systems,
  { organisations, staff }: { readonly organisations: number; readonly staff: number },
): Company {
  outreach.clock.advance(-yearMs)
  workbooks.clock.advance(-yearMs)
  const employers = Array.from({ length: organisations }, (_, at): Pair => {
    const name = `Company ${at}`
    const o = outreach.person.create('account', { attributes: { name, named: true } }).id
    const row = workbooks.person.create('organisations', {
      name,
      cf_organisation_sync_to_outreach: true,
      cf_organisation_outreach_id: String(o),
    })
    return { w: Number(row['id']), o }
  })
  const people = employers.flatMap((employer, company) =>
    Array.from({ length: staff }, (_, at): Pair => {
      const [first, last] = ['Mara', `Quill ${company}-${at}`]
      const email = `p${company}-${at}@company.example`
      const attributes = { firstName: first, lastName: last, emails: [email] }
      const links = { account: employer.o }
      const o = outreach.person.create('prospect', { attributes, links }).id
      const row = workbooks.person.create('people', {
        ...{ name: `${first} ${last}`, person_first_name: first, person_last_name: last },
        'main_location[email]': email,
        employer_link: employer.w,
        cf_person_sync_to_outreach: true,
        cf_person_outreach_id: String(o),
      })
      return { w: Number(row['id']), o }
    }),
  )
  outreach.clock.advance(yearMs)
  workbooks.clock.advance(yearMs)
  return { organisations: employers, people }
}

/** Carries it out; answers whether the other system shows it. */
export function carryOut(house: House, company: Company, doing: Doing): () => boolean {
  const { side, what, which, at } = doing
  const pairs = what === 'person' ? company.people : company.organisations
  const { w, o } = pairs[Math.floor(which * pairs.length)] ?? { w: 0, o: 0 }
  const value = `Edited ${at}`
  if (what === 'person') {
    if (side === 'workbooks')
      house.workbooks.person.update('people', w, { person_job_title: value })
    else house.outreach.person.update('prospect', o, { attributes: { title: value } })
    return () => person(house, w)['person_job_title'] === prospect(house, o)['title']
  }
  if (side === 'workbooks') house.workbooks.person.update('organisations', w, { industry: value })
  else house.outreach.person.update('account', o, { attributes: { industry: value } })
  return () => organisation(house, w)['industry'] === account(house, o)['industry']
}

import assert from 'node:assert/strict'
import { makeSeededRandom } from '../sandbox/outreach/seeded-random.ts'
import {
  accountOf,
  createPerson,
  createProspect,
  editPerson,
  editProspect,
  employerOf,
  moveProspect,
  people,
  person,
  prospect,
  prospectIdOf,
  prospects,
} from './people.ts'
import {
  account,
  createOrganisation,
  editOrganisation,
  organisation,
  organisations,
  outreachIdOf,
  renameAccount,
  renameOrganisation,
} from './records.ts'
import type { House, HouseOptions } from './start-house.ts'

/** Webhooks doubled, late and out of order, on both sides. */
export const disorderly: HouseOptions = {
  outreach: {
    webhooks: { delayMs: { from: 1, to: 30 }, keepsOrder: false, duplicates: 0.3 },
  },
}

export function setDisorder(house: House): void {
  house.workbooks.hooks.setDisorder({
    ...{ delayMs: [0, 20], duplicates: 0.3, resigned: 0.2, reorder: 0.3 },
  })
}

/** What people last did about opting out, and whether it can only have been heard so. */
type OptOut = { readonly isOut: boolean; readonly isSure: boolean }

export type History = {
  /** Edits of linked records by people, as far as they changed anything. */
  readonly edits: () => number
  readonly play: (steps: number) => Promise<void>
  /** Links whatever is not linked yet, and waits. */
  readonly finish: () => Promise<void>
  readonly check: () => void
}

type World = {
  readonly house: House
  readonly staff: readonly number[]
  readonly employers: readonly number[]
}

/** Some organisations and people, all of them linked. */
export async function makeWorld(house: House): Promise<World> {
  const employers = ['Acme', 'Borealis', 'Corvus'].map((name) =>
    createOrganisation(house, { name }),
  )
  await house.settled()
  const staff = Array.from({ length: 5 }, (_, at) => {
    const employer = employers[at]
    return createPerson(house, {
      ...{ 'main_location[email]': `p${at}@acme.example`, person_job_title: 'Buyer' },
      ...(employer === undefined ? {} : { employer_link: employer }),
    })
  })
  await house.settled()
  for (const w of employers) assert.ok(outreachIdOf(house, w), `organisation ${w} was not linked`)
  for (const w of staff) assert.ok(prospectIdOf(house, w), `person ${w} was not linked`)
  return { house, staff, employers }
}

type Options = {
  readonly seed: number
  /** New people and prospects, an employer that is linked late, flags. */
  readonly grows: boolean
}

/** A random history of people on both sides; the same for the same seed, but for who is quicker. */
export function makeHistory({ house, ...world }: World, { seed, grows }: Options): History {
  const random = makeSeededRandom(seed)
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(random() * items.length)]
    assert.ok(item !== undefined)
    return item
  }
  const staff = [...world.staff]
  const employers = [...world.employers]
  const lastOptOuts = new Map<number, OptOut>()
  let [edits, names, made] = [0, 0, 0]
  let isSettled = true
  const late = grows
    ? createOrganisation(house, { name: 'Draco', cf_organisation_sync_to_outreach: false })
    : undefined
  if (late !== undefined) employers.push(late)

  const newName = () => `Name ${++names}`
  const linked = () => staff.filter((w) => prospectIdOf(house, w) !== undefined)
  const linkedEmployers = () => employers.filter((w) => outreachIdOf(house, w) !== undefined)
  const partnerOf = (w: number) => prospectIdOf(house, w) ?? 0

  function edit(isChange: boolean, doing: () => void): void {
    if (isChange) edits += 1
    doing()
  }

  function optOut(w: number, isOut: boolean, doing: () => void): void {
    const { optedOut, emailOptedOut } = prospect(house, partnerOf(w))
    const isOutThere = optedOut === true || emailOptedOut === true
    const wasAgreed = isSettled && isOutThere && person(house, w)['no_email_soliciting'] === true
    const flagged = person(house, w)['cf_person_outreach_sync_error'] === true
    lastOptOuts.set(w, { isOut, isSure: isOut || (wasAgreed && !flagged) })
    edit(true, doing)
  }

  const moves: readonly (() => void)[] = [
    () => {
      const w = pick(linked())
      edit(true, () => editPerson(house, w, { person_job_title: newName() }))
    },
    () => {
      const o = partnerOf(pick(linked()))
      edit(true, () => editProspect(house, o, { title: newName() }))
    },
    () => {
      const [w, employer] = [pick(linked()), pick([...employers, null])]
      const isChange = employerOf(house, w) !== employer
      edit(isChange, () => editPerson(house, w, { employer_link: employer }))
    },
    () => {
      const [w, employer] = [pick(linked()), pick([...linkedEmployers(), null])]
      const to = employer === null ? null : (outreachIdOf(house, employer) ?? null)
      const isChange = accountOf(house, partnerOf(w)) !== to
      edit(isChange, () => moveProspect(house, partnerOf(w), to))
    },
    () => {
      const [w, isOut] = [pick(linked()), random() < 0.5]
      if (person(house, w)['no_email_soliciting'] === isOut) return
      optOut(w, isOut, () => editPerson(house, w, { no_email_soliciting: isOut }))
    },
    () => {
      const [w, mark, isOut] = [pick(linked()), pick(['optedOut', 'emailOptedOut']), random() < 0.5]
      if (prospect(house, partnerOf(w))[mark] === isOut) return
      // One mark of two is no word on the other.
      const { optedOut, emailOptedOut } = prospect(house, partnerOf(w))
      if (!isOut && optedOut === true && emailOptedOut === true) return
      optOut(w, isOut, () => editProspect(house, partnerOf(w), { [mark]: isOut }))
    },
    () => {
      const w = pick(linkedEmployers())
      const name = newName()
      if (random() < 0.5) edit(true, () => renameOrganisation(house, w, name))
      else edit(true, () => renameAccount(house, outreachIdOf(house, w) ?? 0, name))
    },
  ]

  const growth: readonly (() => void)[] = [
    () => {
      const email = `new${++made}@acme.example`
      const employer = pick([...employers, null])
      const columns = employer === null ? {} : { employer_link: employer }
      staff.push(createPerson(house, { 'main_location[email]': email, ...columns }))
    },
    () => {
      const emails = [`new${++made}@acme.example`]
      const to = pick([...linkedEmployers().map((w) => outreachIdOf(house, w) ?? 0), null])
      createProspect(house, { attributes: { emails }, account: to })
    },
    () => {
      if (late === undefined || random() < 0.7) return
      editOrganisation(house, late, { cf_organisation_sync_to_outreach: true })
    },
    () => {
      const w = pick(linked())
      const isFlagged = person(house, w)['cf_person_outreach_sync_error'] === true
      editPerson(house, w, { cf_person_outreach_sync_error: !isFlagged })
    },
  ]

  async function pauseOrGoOn(): Promise<void> {
    const how = random()
    if (how < 0.35) await house.settled(60_000)
    else if (how < 0.7) await house.outreach.whenQuiet()
    isSettled = how < 0.35
    for (const row of people(house))
      if (!staff.includes(Number(row['id']))) staff.push(Number(row['id']))
  }

  return {
    edits: () => edits,
    async play(steps) {
      for (let at = 0; at < steps; at += 1) {
        pick(grows && random() < 0.3 ? growth : moves)()
        if (random() < 0.4) await pauseOrGoOn()
        else isSettled = false
      }
    },
    async finish() {
      await house.settled(60_000)
      if (late !== undefined) {
        editOrganisation(house, late, { cf_organisation_sync_to_outreach: true })
      }
      for (const row of people(house)) {
        if (row['cf_person_outreach_sync_error'] !== true) continue
        editPerson(house, Number(row['id']), { cf_person_outreach_sync_error: false })
      }
      await house.settled(60_000)
    },
    check: () => assertConverged(house, lastOptOuts),
  }
}

function assertConverged(house: House, lastOptOuts: ReadonlyMap<number, OptOut>): void {
  const all = people(house)
  assert.equal(prospects(house).length, all.length, 'as many prospects as people')
  for (const row of all) {
    const w = Number(row['id'])
    const o = prospectIdOf(house, w)
    assert.ok(o !== undefined, `person ${w} is not linked`)
    assert.equal(row['cf_person_outreach_duplicate'], false, `person ${w} is flagged`)
    const theirs = prospect(house, o)
    assert.equal(row['person_job_title'] ?? null, theirs['title'], `titles of person ${w}`)
    const employer = employerOf(house, w)
    const expected = employer === null ? null : (outreachIdOf(house, employer) ?? null)
    assert.equal(accountOf(house, o), expected, `account of person ${w}`)
    const isOut = theirs['optedOut'] === true || theirs['emailOptedOut'] === true
    assert.equal(isOut, row['no_email_soliciting'], `opt-outs of person ${w}`)
    const last = lastOptOuts.get(w)
    if (last?.isSure === true) assert.equal(isOut, last.isOut, `the last word of person ${w}`)
  }
  const linkedTo = new Set(all.map((row) => row['cf_person_outreach_id']))
  assert.equal(linkedTo.size, all.length, 'nobody shares a prospect')
  for (const row of organisations(house)) {
    const w = Number(row['id'])
    const o = outreachIdOf(house, w)
    assert.ok(o !== undefined, `organisation ${w} is not linked`)
    assert.equal(organisation(house, w)['name'], account(house, o)['name'])
  }
  assert.equal(house.outreach.person.list('account').length, organisations(house).length)
}

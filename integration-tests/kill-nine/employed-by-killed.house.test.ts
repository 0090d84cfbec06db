import assert from 'node:assert/strict'
import { test } from 'vitest'
import { openStart } from '../open-process.ts'
import { openStreet, until, type Street } from '../open-street.ts'

const count = 250

function prospectsIn(street: Street, account: number): number {
  const all = street.outreach.person.list('prospect')
  return all.filter(({ links }) => links['account']?.id === account).length
}

test('kill -9 in the middle of 250 people following their organisation: it goes on where it was, nobody is lost, nobody is written twice', async () => {
  await using street = await openStreet()
  const { outreach, workbooks } = street
  const acme = workbooks.person.create('organisations', { name: 'Acme' })
  for (let at = 0; at < count; at += 1) {
    workbooks.person.create('people', {
      ...{ name: `Mara ${at}`, person_last_name: `Quill ${at}`, employer_link: acme['id'] },
      cf_person_sync_to_outreach: true,
    })
  }
  const linked = () =>
    workbooks.person.list('people').filter((row) => Number(row['cf_person_outreach_id']) > 0)
  await until('all are linked', () => (linked().length === count ? true : undefined))

  outreach.calls.reset()
  let patches = 0
  outreach.faults.beforeCommit(({ method }) => {
    if (method !== 'PATCH') return
    patches += 1
    if (patches === 120) street.product.signal('SIGKILL')
  })
  const ticked = { cf_organisation_sync_to_outreach: true }
  workbooks.person.update('organisations', Number(acme['id']), ticked)
  assert.equal((await street.product.ended).signal, 'SIGKILL')

  await using again = openStart([], street.env)
  await again.untilSaid('"role":"reconciliation"')
  const account = outreach.person.list('account')[0]?.id ?? 0
  await until('all have followed', () =>
    prospectsIn(street, account) === count ? true : undefined,
  )
  assert.equal(outreach.person.list('account').length, 1)
  // What was under way when it died had arrived, and is seen to have.
  assert.equal(outreach.calls.counts()['PATCH prospects'], count)
})

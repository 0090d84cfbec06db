import { expect, test } from 'vitest'
import { openSimulatedWorkbooks } from './simulated-workbooks.ts'
import { makeTestCaller } from './test-caller.ts'

const opportunities = 'crm/opportunities'

test('the contacts of an opportunity are two parallel texts; who was deleted may stay in them, and nobody who is gone gets in (7.4)', async () => {
  await using workbooks = await openSimulatedWorkbooks()
  const { update } = makeTestCaller(workbooks)
  const idOf = (name: string) => Number(workbooks.person.create('people', { name })['id'])
  const [mara, noor, omar] = [idOf('Mara'), idOf('Noor'), idOf('Omar')]
  const deal = workbooks.person.create('opportunities', { description: 'Deal' })
  const id = Number(deal['id'])
  const write = async (ids: readonly number[], roles: string) => {
    const version = workbooks.person.read('opportunities', id)?.['lock_version']
    const columns = {
      opportunity_contact_ids: `[${ids.join(',')}]`,
      opportunity_contact_roles: roles,
    }
    return (await update(opportunities, [id, version], columns)).body
  }

  expect(await write([mara, noor], '[Partner,Buyer]')).toMatchObject({
    success: true,
    affected_objects: [
      { opportunity_contact_ids: [mara, noor], opportunity_contact_roles: ['Partner', 'Buyer'] },
    ],
  })
  workbooks.person.remove('people', noor)
  workbooks.person.remove('people', omar)
  expect(await write([mara, noor], '[Champion,Buyer]')).toMatchObject({ success: true })
  expect(await write([mara, omar], '[Champion,Buyer]')).toMatchObject({ success: false })
})

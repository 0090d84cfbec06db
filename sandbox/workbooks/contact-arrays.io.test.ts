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
  const write = async (lockVersion: number, ids: readonly number[], roles: string) =>
    (
      await update(opportunities, [deal['id'], lockVersion], {
        opportunity_contact_ids: `[${ids.join(',')}]`,
        opportunity_contact_roles: roles,
      })
    ).body

  expect(await write(0, [mara, noor], '[Partner,Buyer]')).toMatchObject({
    success: true,
    affected_objects: [
      { opportunity_contact_ids: [mara, noor], opportunity_contact_roles: ['Partner', 'Buyer'] },
    ],
  })
  workbooks.person.remove('people', noor)
  workbooks.person.remove('people', omar)
  expect(await write(1, [mara, noor], '[Champion,Buyer]')).toMatchObject({ success: true })
  expect(await write(2, [mara, omar], '[Champion,Buyer]')).toMatchObject({ success: false })
})

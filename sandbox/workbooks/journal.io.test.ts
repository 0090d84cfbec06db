import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSimulatedWorkbooks } from './simulated-workbooks.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'workbooks-journal-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('a sandbox that is opened again has the same records, versions, ids and hidden rows', async () => {
  const journalFile = join(folder, 'deep', 'workbooks.jsonl')
  const first = await openSimulatedWorkbooks({ journalFile })
  first.person.create('organisations', { name: 'Acme' })
  first.person.create('people', { name: 'Ann', employer_link: 226 })
  first.person.update('organisations', 226, { industry: 'Food' })
  first.person.hide('people', 227)
  const before = first.person.list('organisations')
  await first.close()
  // The end of a line that a killed process was writing.
  appendFileSync(journalFile, '{"rows":[["crm/organ')

  const second = await openSimulatedWorkbooks({ journalFile })
  expect(second.person.list('organisations')).toEqual(before)
  expect(second.person.create('people', { name: 'Bob' })).toMatchObject({
    id: 228,
    object_ref: 'PERS-102',
  })
  const headers = { 'user-agent': 'x' }
  const url = `${second.url}/crm/people.api?api_key=${second.apiKey}`
  expect(await (await fetch(url, { headers })).json()).toMatchObject({ total: 1 })
  await second.close()

  const third = await openSimulatedWorkbooks({ journalFile })
  expect(third.person.list('people').map(({ name }) => name)).toEqual(['Ann', 'Bob'])
  expect(third.person.list('crm/person_queues')).toHaveLength(3)
  await third.close()
})

import { describe, expect, test } from 'vitest'
import { openJournal } from './journal.ts'
import { makeRecordStore } from './record-store.ts'
import { makeRecordView } from './record-view.ts'
import { makeResources } from './resources.ts'
import { toQuery } from './query.ts'
import { toRowTest, type FilterRules } from './filters.ts'

const resources = makeResources()

const asDocumented: FilterRules = { ignoredFilters: [], filtersIgnoreCase: false }

function found(type: string, search: string, rules = asDocumented): readonly number[] {
  const store = makeRecordStore(openJournal(), resources)
  const account = (id: number, attributes: Record<string, unknown>) =>
    store.put({ type: 'account', id, attributes: { named: true, ...attributes }, links: {} })
  account(1, { name: 'Larkfield', createdAt: '2026-03-01T00:00:00.000Z', customId: 'a' })
  account(2, { name: 'Quill, Sons..', createdAt: '2026-03-02T00:00:00.000Z' })
  account(3, { name: 'junk.example', named: false, createdAt: '2026-03-03T00:00:00.000Z' })
  const prospect = (id: number, emails: readonly string[], accountId: number) =>
    store.put({
      type: 'prospect',
      id,
      attributes: { emails, firstName: 'Mara' },
      links: { account: { type: 'account', id: accountId } },
    })
  prospect(11, ['mara@larkfield.example', 'm.quill@home.example'], 1)
  prospect(12, [], 2)
  const view = makeRecordView({ store, resources })
  const test = toRowTest(resources.of(type), toQuery(new URLSearchParams(search)), {
    store,
    view,
    resources,
    rules,
  })
  return [...store.all(type)].filter(test).map(({ id }) => id)
}

// prettier-ignore
const cases: readonly (readonly [string, string, string, readonly number[]])[] = [
  ['accounts show only named ones (7.1)', 'account', '', [1, 2]],
  ['unnamed accounts are asked for by name of the flag (3.4)', 'account', 'filter[named]=false', [3]],
  ['an exact value matches (3.4)', 'account', 'filter[name]=Larkfield', [1]],
  ['a comma makes a list (3.4)', 'account', 'filter[id]=1,2,5', [1, 2]],
  ['so a name with a comma is found only by the new syntax (3.4)', 'account', 'filter[name]=Quill, Sons..', []],
  ['the new syntax takes commas and dots as they are (3.4)', 'account', 'newFilterSyntax=true&filter[name]=Quill, Sons..', [2]],
  ['the new syntax has lists of its own (3.4)', 'account', 'newFilterSyntax=true&filter[name][]=Quill, Sons..&filter[name][]=Larkfield', [1, 2]],
  ['the new syntax has bounds (3.4)', 'account', 'newFilterSyntax=true&filter[id][gte]=2', [2]],
  ['a range includes both ends (3.4)', 'account', 'filter[createdAt]=2026-03-01T00:00:00Z..2026-03-02T00:00:00Z', [1, 2]],
  ['a range may be open upwards (3.4)', 'account', 'filter[createdAt]=2026-03-01T00:00:01Z..inf', [2]],
  ['a range may be open downwards (3.4)', 'account', 'filter[createdAt]=neginf..2026-03-01', [1]],
  ['null can be asked for (3.4)', 'account', 'filter[customId]=__null__', [2]],
  ['so can anything but null (3.4)', 'account', 'filter[customId]=__notnull__', [1]],
  ['q is a prefix search (3.4)', 'account', 'filter[q]=lark', [1]],
  ['q searches the words of a name (3.4)', 'account', 'filter[q]=sons', [2]],
  ['prospects are found by any address, whatever its case (3.4)', 'prospect', 'filter[emails]=M.Quill@home.example', [11]],
  ['a relationship filters by id (3.4)', 'prospect', 'filter[account][id]=1', [11]],
  ['a relationship filters by what it allows (7.2)', 'prospect', 'filter[account][name]=Larkfield', [11]],
]

describe('Filters (outreach-api 3.4)', () => {
  test.each(cases)('%s', (...[, type, search, ids]) => {
    expect(found(type, search)).toEqual(ids)
  })

  // prettier-ignore
  test.each([
    ['custom fields', 'account', 'filter[custom7]=x'],
    ['externalId of a prospect', 'prospect', 'filter[externalId]=x'],
    ['a relationship attribute that is not listed', 'prospect', 'filter[owner][email]=x'],
    ['an unknown name', 'account', 'filter[nonsense]=x'],
    ['q on other resources', 'stage', 'filter[q]=x'],
    ['something that is no date', 'account', 'filter[createdAt]=yesterday..inf'],
  ])('%s cannot be filtered by (3.4)', (_, type, search) => {
    expect(() => found(type, search)).toThrow('422')
  })

  test('a filter may be passed over without a word, where a switch says so', () => {
    const rules = { ...asDocumented, ignoredFilters: ['name'] }
    expect(found('account', 'filter[name]=Larkfield', rules)).toEqual([1, 2])
    expect(found('account', 'filter[name]=Larkfield&filter[customId]=a', rules)).toEqual([1])
  })

  test('case and outer blanks of a text count, unless a switch says otherwise', () => {
    expect(found('account', 'filter[name]= LARKFIELD')).toEqual([])
    const rules = { ...asDocumented, filtersIgnoreCase: true }
    expect(found('account', 'filter[name]= LARKFIELD', rules)).toEqual([1])
  })
})

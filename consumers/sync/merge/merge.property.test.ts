import assert from 'node:assert/strict'
import fc from 'fast-check'
import { test } from 'vitest'
import type { System } from '../../../schemas/record-ref.ts'
import type { Field } from '../fields/field.ts'
import { forms } from '../fields/form.ts'
import { sameValue } from '../fields/value.ts'
import { withElement } from '../pair/wire-writes.ts'
import { makeTwoRecords, type Fault, type Sync } from './two-records.ts'
import { formOf, type Edit } from './two-systems.ts'

// A failure prints its seed and path: `fc.assert(property, { seed, path })` repeats it.
const runs = { numRuns: 100 }

const usual = { direction: 'both', onConflict: 'latest', onLink: 'workbooks' } as const
const name: Field = { ...usual, workbooks: 'name', outreach: 'name', form: 'text' }
const website: Field = { ...usual, workbooks: 'website', outreach: 'websiteUrl', form: 'text' }
const employees: Field = {
  ...{ ...usual, workbooks: 'organisation_num_employees' },
  ...{ outreach: 'numberOfEmployees', form: 'integer' },
}
const tag: Field = { ...usual, workbooks: 'cf_tag', outreach: 'tags', form: 'list' }

/** Outreach trims, composes and cuts; Workbooks trims, and writes numbers with commas. */
function renders(side: System, { form }: Field, raw: unknown): unknown {
  if (form === 'list') return raw
  if (side === 'workbooks' && typeof raw === 'number') return raw.toLocaleString('en')
  if (typeof raw !== 'string') return raw
  const text = raw.trim()
  return side === 'workbooks'
    ? text
    : Array.from(text.normalize('NFC')).slice(0, 24).join('').trim()
}

type Step =
  | { readonly kind: 'edit'; readonly edit: Edit }
  | { readonly kind: 'sync'; readonly sync: Sync }
  | { readonly kind: 'lose' }

function makeSteps(fields: readonly Field[], faults: readonly Fault['kind'][]) {
  const side = fc.constantFrom<System>('workbooks', 'outreach')
  const tails = ['', ' Ltd', '  ', ' é', ' e\u0301', ' 株式会社', ' 😀👩‍👩‍👧', ' ı İ ß ﬁ', ' "\'<&>,']
  const tail = fc.oneof(
    fc.constantFrom(...tails, ' of a very long name, over and over'),
    fc.string(),
  )
  const before = fc.constantFrom('', ' ', '\n')
  const number = fc.constant('#')
  const blank = fc.constantFrom(null, '', '  ')
  const filled = fc.tuple(before, number, tail).map((parts) => parts.join(''))
  const text = fc.oneof({ weight: 4, arbitrary: filled }, { weight: 1, arbitrary: blank })
  const list = fc
    .tuple(number, fc.subarray(['gold', 'silver', '']))
    .map(([first, rest]) => [first, ...rest])
  const edit: fc.Arbitrary<Edit> = fc
    .tuple(side, fc.constantFrom(...fields))
    .chain(([on, field]) => {
      const isList = field.form === 'list' && on === 'outreach'
      const whole = fc.option(number)
      const ofForm = field.form === 'integer' ? whole : isList ? list : text
      return ofForm.map((value) => ({ side: on, field: field.workbooks, value }))
    })
  const fault: fc.Arbitrary<Fault> = fc
    .oneof(
      fc.record({ kind: fc.constant('crash' as const), at: fc.integer({ min: 1, max: 10 }) }),
      fc.record({ kind: fc.constant('no answer' as const), arrives: fc.boolean() }),
      fc.record({ kind: fc.constant('edit' as const), edit }),
    )
    .filter(({ kind }) => faults.includes(kind))
  const seldom = { requiredKeys: ['side' as const, 'arrives' as const] }
  // Which of the events are late: by the last digit of their number.
  const late = fc
    .uniqueArray(fc.constantFrom<string>('0', '1', '2', '3', '4', '5', '6', '7', '8', '9'), {
      maxLength: 9,
    })
    .map(
      (digits) =>
        ({ id }: { readonly id: string }) =>
          !digits.includes(id.slice(-1)),
    )
  const all = fc.constant(() => true)
  const arrives = fc.oneof(all, late)
  const sync: fc.Arbitrary<Sync> =
    faults.length === 0
      ? fc.record({ side, arrives, isDoubled: fc.boolean() }, seldom)
      : fc.record({ side, arrives, isDoubled: fc.boolean(), fault }, seldom)
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 5, arbitrary: edit.map((it) => ({ kind: 'edit', edit: it }) as const) },
    { weight: 5, arbitrary: sync.map((it) => ({ kind: 'sync', sync: it }) as const) },
    { weight: 1, arbitrary: fc.constant({ kind: 'lose' } as const) },
  )
  return fc.array(step, { minLength: 1, maxLength: 16 })
}

type Model = ReturnType<typeof makeTwoRecords>

async function play(model: Model, steps: readonly Step[]): Promise<void> {
  let edits = 1_000
  // No two edits are alike, so that it can be told whose value stands.
  const numbered = (edit: Edit): Edit => {
    edits += 1
    return { ...edit, value: withNumber(edit, edits) }
  }
  for (const step of steps) {
    if (step.kind === 'edit') model.edit(numbered(step.edit))
    if (step.kind === 'lose') model.lose()
    if (step.kind !== 'sync') continue
    const { fault } = step.sync
    const isEdit = fault?.kind === 'edit'
    await model.sync(
      isEdit ? { ...step.sync, fault: { ...fault, edit: numbered(fault.edit) } } : step.sync,
    )
  }
}

function withNumber({ side, field, value }: Edit, edits: number): unknown {
  if (Array.isArray(value)) return [String(edits), ...(value as unknown[]).slice(1)]
  if (typeof value !== 'string') return value
  const isNumber = field === employees.workbooks && side === 'outreach' && value === '#'
  return isNumber ? edits : value.replace('#', String(edits))
}

/** Everything that waits arrives, and each side is polled once; then nothing may be left to do. */
async function comeToRest(model: Model): Promise<void> {
  const arrives = () => true
  for (let round = 0; round < 10; round += 1) {
    await model.sync({ side: 'outreach', arrives })
    await model.sync({ side: 'workbooks', arrives })
    if (model.isQuiet()) break
  }
  assert.ok(model.isQuiet(), 'writes go on without any edit')
  const writes = model.counts.writes
  const memory = model.memory()
  await model.sync({ side: 'outreach', arrives })
  await model.sync({ side: 'workbooks', arrives })
  assert.equal(model.counts.writes, writes, 'a second sync wrote')
  assert.equal(model.memory(), memory, 'a second sync found something to remember')
}

function assertTogether(model: Model, field: Field): void {
  const { workbooks: called } = field
  const [w, o] = [model.valueOf('workbooks', called), model.valueOf('outreach', called)]
  const { read, means } = formOf(field)
  const isSame =
    means(w, o) ||
    sameValue(read(renders('outreach', field, w)), o) ||
    sameValue(w, read(renders('workbooks', field, o)))
  assert.ok(isSame, `${called}: ${JSON.stringify(w)} and ${JSON.stringify(o)} stay apart`)
}

function assertNoEditLost(model: Model): void {
  for (const { field, value } of model.owed) {
    const isNamed = model.conflicts.some(
      // Printed as JSON and read back, a value is still one.
      (one) => one.field === field && sameValue(one.losingValue as typeof value, value),
    )
    assert.ok(isNamed, `${field}: ${JSON.stringify(value)} was overwritten and named nowhere`)
  }
}

function assertFewWrites({ counts }: Model): void {
  // A restoring write stands on either side: the one exception of rulebook 8.
  const most = counts.edits + 2 * counts.restores
  assert.ok(counts.writes <= most, `${counts.writes} writes for ${counts.edits} edits`)
}

const threeFields = [name, website, employees]
const atStart = {
  name: { w: 'Larkfield', o: 'Larkfield' },
  website: { w: null, o: null },
  organisation_num_employees: { w: '1,000', o: 1000 },
}
const policies = ['latest', 'workbooks', 'outreach'] as const

/** Every sort of fault but two of different sorts in one run: an edit in between, or lost answers. */
const weather: readonly (readonly Fault['kind'][])[] = [[], ['edit'], ['crash', 'no answer']]

test.each(weather.map((faults) => ({ faults, says: faults.join(', ') || 'none' })))(
  'both sides come together, no edit is lost, and none costs two writes (faults: $says)',
  async ({ faults }) => {
    const cases = fc.tuple(fc.constantFrom(...policies), makeSteps(threeFields, faults))
    await fc.assert(
      fc.asyncProperty(cases, async ([onConflict, steps]) => {
        const fields = threeFields.map((field) => ({ ...field, onConflict }))
        const model = makeTwoRecords({ fields, start: atStart, renders })
        await play(model, steps)
        await comeToRest(model)
        for (const field of fields) assertTogether(model, field)
        assertNoEditLost(model)
        assertFewWrites(model)
      }),
      runs,
    )
  },
)

test('a one-way field is never written against its direction, and follows its source', async () => {
  const sent = { ...name, direction: 'send' } as const
  const received = { ...website, direction: 'receive' } as const
  const fields = [sent, received]
  const steps = makeSteps(fields, ['crash', 'no answer', 'edit'])
  await fc.assert(
    fc.asyncProperty(steps, async (played) => {
      const guarded = (side: System, field: Field, raw: unknown) => {
        assert.notEqual([side, field.direction].join(), 'workbooks,send')
        assert.notEqual([side, field.direction].join(), 'outreach,receive')
        return renders(side, field, raw)
      }
      const model = makeTwoRecords({ fields, start: atStart1, renders: guarded })
      await play(model, played)
      await comeToRest(model)
      // The last word is the source's: whatever stood on the other side gives way.
      model.edit({ side: 'workbooks', field: 'name', value: 'The source of one' })
      model.edit({ side: 'outreach', field: 'website', value: 'the-source-of-the.other' })
      await comeToRest(model)
      for (const field of fields) assertTogether(model, field)
    }),
    runs,
  )
})

const atStart1 = { name: atStart.name, website: atStart.website }

test('of a list one element is kept in step', async () => {
  const fields = [tag]
  const start = { cf_tag: { w: 'gold', o: ['gold', 'silver'] } }
  const steps = makeSteps(fields, ['crash', 'no answer'])
  await fc.assert(
    fc.asyncProperty(steps, async (played) => {
      const model = makeTwoRecords({ fields, start, renders })
      await play(model, played)
      await comeToRest(model)
      assertNoEditLost(model)
      assertFewWrites(model)
      // Where Workbooks was cleared, what moved up stands in Outreach alone.
      if (model.valueOf('workbooks', 'cf_tag') !== null) assertTogether(model, tag)
    }),
    runs,
  )
})

test('a write into a list keeps its other elements, in their order (rulebook 8)', () => {
  const element = fc.constantFrom<string>('gold', 'silver', 'bronze', 'tin', ' gold ', '')
  const list = fc.uniqueArray(element, { selector: (text) => text.trim() })
  const value = fc.option(fc.constantFrom('gold', 'silver', 'copper'))
  const front = (items: readonly unknown[]) => forms.list.read(items)
  fc.assert(
    fc.property(list, value, (before, put) => {
      const after = withElement(before, put)
      const first = front(before)
      const others = (items: readonly unknown[]) =>
        items.filter((item) => {
          const known = forms.list.read(item)
          return known !== null && known !== put && known !== first
        })
      if (put !== null) assert.equal(front(after), put)
      assert.deepEqual(others(after), others(before))
      const isMovedUp = put !== null && before.some((item) => item.trim() === put)
      assert.equal(after.includes(first), isMovedUp && before.includes(String(first)))
    }),
    runs,
  )
})

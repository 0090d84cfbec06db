import assert from 'node:assert/strict'
import fc from 'fast-check'
import { test } from 'vitest'
import type { System } from '../../../schemas/record-ref.ts'
import type { Field } from '../fields/field.ts'
import { makeTwoRecords, type Fault } from './two-records.ts'
import { formOf, type Edit } from './two-systems.ts'

// A failure prints its seed and path: `fc.assert(property, { seed, path })` repeats it.
const runs = { numRuns: 300 }

const usual = { direction: 'both', onConflict: 'latest', onLink: 'workbooks' } as const
const fields: readonly Field[] = [
  { ...usual, workbooks: 'name', outreach: 'name', form: 'text' },
  { ...usual, workbooks: 'website', outreach: 'websiteUrl', form: 'text' },
  { ...usual, workbooks: 'industry', outreach: 'industry', form: 'text' },
]
const start = {
  name: { w: 'Larkfield', o: 'Larkfield' },
  website: { w: null, o: null },
  industry: { w: 'Food', o: 'Food' },
}
/** Outreach trims, Workbooks cuts: a write is not always stored as it was sent. */
const renders = (side: System, _: Field, raw: unknown): unknown => {
  if (typeof raw !== 'string') return raw
  return side === 'outreach' ? raw.trim() : raw.slice(0, 6)
}

type Step =
  | { readonly kind: 'edit'; readonly edit: Edit }
  | { readonly kind: 'poll'; readonly side: System; readonly fault?: Fault | undefined }

const side = fc.constantFrom<System>('workbooks', 'outreach')
const value = fc.constantFrom(null, 'a', ' b ', 'c', 'Larkfield', 'of many letters')
const edit: fc.Arbitrary<Edit> = fc.record({
  ...{ side, value },
  field: fc.constantFrom(...fields.map(({ workbooks }) => workbooks)),
})
const fault: fc.Arbitrary<Fault | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.record({ kind: fc.constant('crash' as const), at: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ kind: fc.constant('no answer' as const), arrives: fc.boolean() }),
  fc.record({ kind: fc.constant('edit' as const), edit }),
)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('edit' as const), edit }),
  fc.record({ kind: fc.constant('poll' as const), side, fault }),
)

type Model = ReturnType<typeof makeTwoRecords>

/** Polls both sides until neither has news; how often somebody had. */
async function pollToRest(model: Model): Promise<number> {
  for (let rounds = 0; rounds < 10; rounds += 1) {
    const news = [await model.poll('outreach'), await model.poll('workbooks')]
    if (!news.includes(true)) return rounds
  }
  assert.fail('a record is news for ever')
}

function assertTogether(model: Model): void {
  for (const field of fields) {
    const [w, o] = [
      model.valueOf('workbooks', field.workbooks),
      model.valueOf('outreach', field.workbooks),
    ]
    const { read, means } = formOf(field)
    const isSame = means(w, o) || means(w, read(renders('workbooks', field, o)))
    assert.ok(isSame, `${field.workbooks}: ${JSON.stringify([w, o])} stay apart`)
  }
}

test('with no webhook at all, whatever a poller finds unhandled is enough: no edit stays behind, through crashes, lost answers and edits between our read and our write', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 16 }), async (steps) => {
      const model = makeTwoRecords({ fields, start, renders })
      for (const one of steps) {
        if (one.kind === 'edit') model.edit(one.edit)
        else await model.poll(one.side, one.fault)
      }
      await pollToRest(model)
      assertTogether(model)
    }),
    runs,
  )
})

test('one hint for an edit: what we write ourselves is no news, nor is what was polled before', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 4 }), async (edits) => {
      const model = makeTwoRecords({ fields, start, renders })
      await pollToRest(model)
      for (const one of edits) {
        const wrote = model.counts.edits
        model.edit(one)
        const isNews = await model.poll(one.side)
        assert.ok(isNews || model.counts.edits === wrote, 'an edit is no news')
        const again = [await model.poll('outreach'), await model.poll('workbooks')]
        assert.deepEqual(again, [false, false])
      }
    }),
    runs,
  )
})

import assert from 'node:assert/strict'
import { test } from 'vitest'
import { makeOrderWatch } from './order-watch.fixture.ts'
import type { Said } from './order-watch.fixture.ts'

const handed = (owner: string, offset: number): Said => ({
  kind: 'handed',
  owner,
  partition: 0,
  offset,
})
const done = (offset: number): Said => ({ kind: 'done', partition: 0, offset })
const committed = (offset: number): Said => ({ kind: 'committed', partition: 0, offset })

// prettier-ignore
const rows: readonly { readonly says: string; readonly happened: readonly Said[]; readonly wrong: RegExp | undefined }[] = [
  { says: 'one after another is right', happened: [handed('a', 0), handed('a', 1), done(1), done(0), committed(2)], wrong: undefined },
  { says: 'the next owner may get again what was not committed', happened: [handed('a', 0), handed('a', 1), done(0), done(1), handed('b', 0)], wrong: undefined },
  { says: 'an entry that was skipped is told', happened: [handed('a', 0), handed('a', 2)], wrong: /handed 2 after 0/ },
  { says: 'a step back is told', happened: [handed('a', 0), handed('a', 1), handed('a', 0)], wrong: /handed 0 after 1/ },
  { says: 'a commit before it is done is told', happened: [handed('a', 0), handed('a', 1), done(1), committed(2)], wrong: /2 of partition 0 was committed, and 0 is not done/ },
  { says: 'an owner that begins behind what is not done is told', happened: [handed('a', 0), handed('b', 1)], wrong: /b began partition 0 at 1, and 0 is not done/ },
]

test.each(rows)('$says', ({ happened, wrong }) => {
  const watch = makeOrderWatch()
  for (const said of happened) watch.note(said)
  if (wrong === undefined) assert.deepEqual(watch.wrong(), [])
  else assert.match(watch.wrong().join('\n'), wrong)
})

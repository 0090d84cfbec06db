import type { BackfillDeps } from './backfill.ts'
import type { BackfillStatus } from './to-backfill-status.ts'
import { renderBackfills } from './render-backfills.ts'
import { makeVerb } from './verb.ts'

type Answer = { readonly backfills: readonly BackfillStatus[] }

export const backfills = makeVerb<BackfillDeps, null, Answer>({
  name: 'backfills',
  usage: 'backfills',
  says: 'backfills and plans, the newest first, and how far each is',
  scope: 'ops:write',
  http: { method: 'GET', path: '/ops/backfills', status: 200 },
  commandLine: { words: [], options: {} },
  readInput: () => ({ kind: 'input', input: null }),
  run: async (deps) => ({ kind: 'done', answer: { backfills: await deps.backfills.list() } }),
  renderText: (answer) =>
    answer.backfills.length === 0 ? 'There was none.\n' : renderBackfills(answer.backfills),
})

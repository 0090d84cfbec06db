import type { BackfillDeps } from './backfill.ts'
import type { BackfillStatus } from './to-backfill-status.ts'
import { renderBackfills } from './render-backfills.ts'
import { makeVerb, type Input, type Members } from './verb.ts'

type Answer = { readonly stopped: readonly BackfillStatus[] }

export const stopBackfill = makeVerb<BackfillDeps, string, Answer>({
  name: 'backfill stop',
  usage: 'backfill stop [<id or kind>]',
  says: 'stop a backfill, or all; what was brought stays',
  scope: 'ops:write',
  http: { method: 'DELETE', path: '/ops/backfills/:id', status: 200 },
  commandLine: { words: ['id'], options: {} },
  readInput,
  run: async ({ backfills, audit, now }, which, by) => {
    await audit.record({ at: now(), by, verb: 'backfill stop', what: which })
    const stopped = await backfills.stop(which)
    if (stopped !== undefined) return { kind: 'done', answer: { stopped } }
    const sentence = `There is no backfill ${which}: "ops backfills" shows the ids, and a kind or "all" will do as well.`
    return { kind: 'refused', sentence, status: 404 }
  },
  renderText: ({ stopped }) =>
    stopped.length === 0 ? 'There was nothing to stop.\n' : renderBackfills(stopped),
})

function readInput(members: Members): Input<string> {
  const { id = 'all' } = members
  if (typeof id === 'string' && /^[\w-]{1,100}$/.test(id)) return { kind: 'input', input: id }
  const sentence = 'id must be the id of a backfill, a kind, or: all'
  return { kind: 'wrong', sentence }
}

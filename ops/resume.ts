import { readPausable, type Pausable, type PauseAnswer, type PauseDeps } from './pausable.ts'
import { makeVerb } from './verb.ts'

export const resume = makeVerb<PauseDeps, Pausable, PauseAnswer>({
  name: 'resume',
  usage: 'resume <kind or system>',
  says: 'go on with what an operator, a brake or too many error flags have paused, or a system told us to wait for',
  scope: 'ops:write',
  http: { method: 'POST', path: '/ops/resume', status: 200 },
  commandLine: { words: ['what'], options: {} },
  readInput: readPausable,
  run: async ({ pauses, audit, now }, what, by) => {
    await audit.record({ at: now(), by, verb: 'resume', what })
    await pauses.clear(what, by)
    return { kind: 'done', answer: { what, paused: false } }
  },
  renderText: ({ what }) => `${what} goes on.\n`,
})

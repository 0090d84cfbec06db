import { readPausable, type Pausable, type PauseAnswer, type PauseDeps } from './pausable.ts'
import { makeVerb } from './verb.ts'

export const pause = makeVerb<PauseDeps, Pausable, PauseAnswer>({
  name: 'pause',
  usage: 'pause <kind or system>',
  says: 'handle nothing of a kind, or call a system no more, until it is resumed; events are kept',
  scope: 'ops:write',
  http: { method: 'POST', path: '/ops/pause', status: 200 },
  commandLine: { words: ['what'], options: {} },
  readInput: readPausable,
  run: async ({ pauses, audit, now }, what, by) => {
    await audit.record({ at: now(), by, verb: 'pause', what })
    await pauses.set(what, by)
    return { kind: 'done', answer: { what, paused: true } }
  },
  renderText: ({ what }) => `${what} is paused. Go on with: node start.ts ops resume ${what}\n`,
})

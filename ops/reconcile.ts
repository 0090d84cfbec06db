import { kinds, type Kind } from '../schemas/kind.ts'
import { makeVerb, type Audited, type Input, type Members } from './verb.ts'

export type ReconcileDeps = Audited & {
  /** Asks for one interval of the poller now; refused where this version has no such kind. */
  readonly requestReconcile: (
    kind: Kind | null,
    by: string,
  ) => Promise<{ readonly kind: 'requested' } | { readonly kind: 'refused'; readonly why: string }>
}

type Answer = { readonly kind: Kind | null; readonly requested: true }

export const reconcile = makeVerb<ReconcileDeps, Kind | null, Answer>({
  name: 'reconcile',
  usage: 'reconcile [kind]',
  says: 'ask both systems now for what the webhooks missed, of one kind or of all',
  scope: 'ops:write',
  http: { method: 'POST', path: '/ops/reconcile', status: 202 },
  commandLine: { words: ['kind'], options: {} },
  readInput: readKind,
  run: async ({ requestReconcile, audit, now }, kind, by) => {
    await audit.record({ at: now(), by, verb: 'reconcile', what: kind ?? 'all' })
    const requested = await requestReconcile(kind, by)
    if (requested.kind === 'refused') return { kind: 'refused', sentence: requested.why }
    return { kind: 'done', answer: { kind, requested: true } }
  },
  renderText: ({ kind }) =>
    `Requested for ${kind ?? 'every kind'}; it begins within a second, of a system that is paused once it is resumed. See how far it is: node start.ts ops status\n`,
})

function readKind(members: Members): Input<Kind | null> {
  const { kind: given } = members
  if (given === undefined || given === null) return { kind: 'input', input: null }
  const kind = kinds.find((each) => each === given)
  if (kind !== undefined) return { kind: 'input', input: kind }
  const shown = JSON.stringify(given).slice(0, 120)
  const sentence = `kind must be one of ${kinds.join(', ')}, or left out for all, not ${shown}`
  return { kind: 'wrong', sentence }
}

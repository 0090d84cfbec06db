import { renderBackfills } from './render-backfills.ts'
import type { BackfillStatus } from './to-backfill-status.ts'
import { kinds, type Kind } from '../schemas/kind.ts'
import { makeVerb, type Audited, type Input, type Members } from './verb.ts'

export type BackfillAsked =
  | { readonly kind: 'asked'; readonly backfill: BackfillStatus }
  /** Ends with what to do instead. */
  | { readonly kind: 'refused'; readonly why: string }

export type BackfillDeps = Audited & {
  readonly backfills: {
    /** Resolves once it was counted, or after a while without: nobody may be there to count. */
    readonly order: (kind: Kind, isPlan: boolean) => Promise<BackfillAsked>
    /** The newest first. */
    readonly list: () => Promise<readonly BackfillStatus[]>
    /** One by its id, those of a kind, or `all`; answers what was stopped. Undefined: there is none of that id. */
    readonly stop: (which: string) => Promise<readonly BackfillStatus[] | undefined>
  }
}

type Asked = { readonly kind: Kind; readonly isPlan: boolean }

export const backfill = makeVerb<BackfillDeps, Asked, BackfillStatus>({
  name: 'backfill',
  usage: 'backfill <kind> [--plan]',
  says: 'bring the records of Outreach that are older than first connection; --plan: only say what it takes',
  scope: 'ops:write',
  http: { method: 'POST', path: '/ops/backfills', status: 202 },
  commandLine: { words: ['kind'], options: { plan: 'alone' } },
  readInput,
  run: async ({ backfills, audit, now }, { kind, isPlan }, by) => {
    const what = isPlan ? `${kind} (plan)` : kind
    await audit.record({ at: now(), by, verb: 'backfill', what })
    const asked = await backfills.order(kind, isPlan)
    if (asked.kind === 'refused') return { kind: 'refused', sentence: asked.why }
    return { kind: 'done', answer: asked.backfill }
  },
  renderText: (answer) => `${renderBackfills([answer])}${toAdvice(answer)}\n`,
})

function readInput(members: Members): Input<Asked> {
  const kind = kinds.find((each) => each === members['kind'])
  if (kind === undefined) {
    const given = members['kind']
    const shown = given === undefined ? 'nothing' : JSON.stringify(given).slice(0, 120)
    return { kind: 'wrong', sentence: `kind must be one of ${kinds.join(', ')}, not ${shown}` }
  }
  const plan = members['plan'] ?? false
  if (plan !== true && plan !== false) {
    return { kind: 'wrong', sentence: 'plan must be true or false' }
  }
  return { kind: 'input', input: { kind, isPlan: plan } }
}

function toAdvice({ kind, state }: BackfillStatus): string {
  switch (state) {
    case 'planned':
      return `Nothing was begun. Begin with: node start.ts ops backfill ${kind}`
    case 'ordered':
      return 'Nobody has counted it yet: it begins once the role reconciliation runs and both systems answer.'
    default:
      return `See how far it is: node start.ts ops backfills. Stop it: node start.ts ops backfill stop ${kind}`
  }
}

import type { Outcome } from '../../../schemas/outcome.ts'
import type { Pair } from '../../../state/pairs.ts'
import { removeIntent } from '../../../state/intents.ts'
import { toSays, type Values } from '../merge/merge-fields.ts'
import { printMemory, type PairMemory } from '../merge/memory.ts'
import { rememberParents, toNamedParents } from '../relations/named-parents.ts'
import { lookForParents, requestParents } from './await-parents.ts'
import { keepPair } from './keep-pair.ts'
import { relationSentence, toSentences } from './merge-outcomes.ts'
import { prepareCarriers } from './prepare-carriers.ts'
import { settle } from './settle.ts'
import type { Step, SyncDeps, Work } from './work.ts'

type Created = {
  readonly pair: Omit<Pair, 'memory'>
  readonly memory: PairMemory
  /** Both sides as they are now. */
  readonly after: { readonly w: Values; readonly o: Values }
  readonly outcome: Outcome
}

/**
 * Keeps a pair that a create has made. What Outreach linked by itself, and a parent that has no partner
 * yet, are remembered as they stand: neither overwrites the other (rulebook 7).
 */
export async function keepCreated(
  deps: SyncDeps,
  work: Work,
  { pair, memory, after, outcome }: Created,
): Promise<Step | undefined> {
  const { kind } = work
  const carrierOf = await prepareCarriers(deps, work, after)
  const links = kind.fields.flatMap((field) => {
    const known = memory.agreed[field.workbooks]
    if (field.form !== 'parent' || known === undefined) return []
    return [[field.workbooks, { ...known, says: toSays(carrierOf(field), known) }] as const]
  })
  const parents = toNamedParents(kind.fields, after, carrierOf)
  const agreed = { ...memory.agreed, ...Object.fromEntries(links) }
  const kept = rememberParents({ ...memory, agreed }, kind.fields, parents)
  const waiting = { workbooksId: pair.workbooksId, before: undefined, parents, after }
  await requestParents(deps, work, waiting)
  const { madeFrom: source } = pair
  const made =
    source === 'neither'
      ? []
      : [
          removeIntent({
            ...{ kind: kind.name, source },
            sourceId: source === 'workbooks' ? pair.workbooksId : pair.outreachId,
          }),
        ]
  const written = Object.fromEntries(outcome.fields.map((field) => [field, true]))
  const reason = toSentences(outcome.reason, relationSentence(parents, written))
  const whole = { ...pair, memory: printMemory(kept) }
  await settle(deps, work, {
    outcomes: [{ ...outcome, reason }],
    statements: [...keepPair(kind, { pair: whole, before: undefined }, deps.now()), ...made],
  })
  deps.linked()
  return lookForParents(deps, work, waiting)
}

import type { Outcome } from '../../../schemas/outcome.ts'
import type { Pair } from '../../../state/pairs.ts'
import { removeIntent } from '../../../state/intents.ts'
import type { Field } from '../fields/field.ts'
import { isBlank } from '../fields/value.ts'
import type { Agreed } from '../merge/decide-field.ts'
import { toSays, type Carrier, type Values } from '../merge/merge-fields.ts'
import { printMemory, type PairMemory } from '../merge/memory.ts'
import { rememberParents, toNamedParents } from '../relations/named-parents.ts'
import { lookForParents, requestParents } from './await-parents.ts'
import { keepPair } from './keep-pair.ts'
import { relationSentence, toSentences, toShownNames } from './merge-outcomes.ts'
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
  const known = ({ workbooks }: Field) => memory.agreed[workbooks]
  const carrierOf = await prepareCarriers(deps, work, after)
  const named = kind.fields.filter(({ form }) => form === 'parent')
  const missed = named.filter((field) => isMissed(carrierOf(field), pair.madeFrom, known(field)))
  const links = named.flatMap((field) => {
    const both = known(field)
    if (both === undefined || missed.includes(field)) return []
    return [[field.workbooks, { ...both, says: toSays(carrierOf(field), both) }] as const]
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
  const reason = toSentences(outcome.reason, relationSentence(parents, written, kind.fields))
  const fields = toShownNames(kind.fields, outcome.fields)
  const whole = { ...pair, memory: printMemory(kept) }
  await settle(deps, work, {
    outcomes: [{ ...outcome, fields, reason }],
    statements: [...keepPair(kind, { pair: whole, before: undefined }, deps.now()), ...made],
  })
  deps.linked()
  if (missed.length > 0) return { kind: 'again', why: 'a record that it names was just linked' }
  return lookForParents(deps, work, waiting)
}

/** The parent was linked after the create had been decided without it: as never agreed, and at once. */
function isMissed(
  { asOutreach, asWorkbooks, meansSame }: Carrier,
  source: Pair['madeFrom'],
  both: Agreed | undefined,
): boolean {
  if (both === undefined || meansSame(both.w, both.o)) return false
  const isOfWorkbooks = source === 'workbooks'
  const said = isOfWorkbooks ? asOutreach(both.w) : asWorkbooks(both.o)
  return said.kind === 'value' && !isBlank(isOfWorkbooks ? both.w : both.o)
}

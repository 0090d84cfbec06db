import { dropIntentIfLinked, writeIntent, type Intent } from '../../../state/intents.ts'
import { isBlank } from '../fields/value.ts'
import type { Values } from '../merge/merge-fields.ts'
import type { IntentContent } from './link-pair.ts'
import { mustHold, type Step, type SyncDeps, type Work } from './work.ts'

/**
 * Writes the intent of a create, where what was read before it still stands; undefined: it is ours to
 * send. Else another process, which came by a hold that we lost, is creating or has created it.
 */
export async function beginCreate(
  { store }: Pick<SyncDeps, 'store'>,
  work: Work,
  { intent, before }: { readonly intent: Intent; readonly before: Intent | undefined },
): Promise<Step | undefined> {
  mustHold(work)
  const [written, dropped] = await store.write([
    writeIntent(intent, before),
    dropIntentIfLinked(intent),
  ])
  if (written?.changes === 1 && dropped?.changes === 0) return undefined
  return { kind: 'again', why: 'somebody else was creating its partner' }
}

/** What a create is about to send, by field, as the intent keeps it; a blank is sent as nothing. */
export function toIntentContent(sent: Values, source: Values): IntentContent {
  const blanks = Object.entries(source).filter(([, value]) => isBlank(value))
  return Object.fromEntries([
    ...blanks.map(([name]) => [name, { from: null, sent: null }] as const),
    ...Object.entries(sent).map(
      ([name, value]) => [name, { from: source[name] ?? null, sent: value }] as const,
    ),
  ])
}

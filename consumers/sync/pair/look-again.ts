import { writeIntent, type Intent } from '../../../state/intents.ts'
import type { Step, SyncDeps } from './work.ts'

/** After an unknown answer the record is looked for at once and again this much later (rulebook 4). */
const lookAgainMs = 5_000

/**
 * A create may have been sent before, and the record was not found just now: undefined once it was
 * looked for twice, five seconds apart; else when to look again. What counts is when we looked, not
 * when it was sent: an answer that never comes takes its time, and so may the create itself.
 */
export async function mustLookAgain(
  { store, now }: Pick<SyncDeps, 'store' | 'now'>,
  intent: Intent | undefined,
): Promise<Step | undefined> {
  if (intent === undefined) return undefined
  const lookedAt = intent.lookedAt ?? now()
  if (intent.lookedAt === null) {
    const [written] = await store.write([writeIntent({ ...intent, lookedAt }, intent)])
    if (written?.changes !== 1) return { kind: 'again', why: 'somebody else has looked for it too' }
  }
  const at = lookedAt + lookAgainMs
  return now() < at ? { kind: 'look-again', at } : undefined
}

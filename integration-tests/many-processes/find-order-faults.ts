import type { Outcome } from '../../schemas/outcome.ts'
import type { StateStore } from '../../state/state-store.ts'
import type { Events } from '../kill-nine/checks.ts'

/**
 * Where the events of one record were not decided on in the order of the log, as sentences. An event
 * counts where it was first answered: who takes over from a dead process decides once more.
 */
export function findOrderFaults(
  events: Events,
  outcomes: readonly { readonly record: string; readonly events: readonly string[] }[],
): readonly string[] {
  const logged = new Map<string, string[]>()
  for (const topic of ['outreach.account', 'workbooks.organisation']) {
    for (const { id, partitionkey } of events.get(topic) ?? []) {
      const ids = logged.get(partitionkey) ?? []
      if (!ids.includes(id)) logged.set(partitionkey, [...ids, id])
    }
  }
  const answered = new Map<string, Set<string>>()
  for (const { record, events: ids } of outcomes) {
    const known = answered.get(record) ?? new Set()
    for (const id of sortAs(logged.get(record) ?? [], ids)) known.add(id)
    answered.set(record, known)
  }
  return [...answered].flatMap(([record, ids]) => {
    const wanted = (logged.get(record) ?? []).filter((id) => ids.has(id))
    const seen = [...ids].filter((id) => wanted.includes(id))
    const at = seen.findIndex((id, index) => id !== wanted[index])
    return at === -1 ? [] : [`${record}: ${seen[at] ?? ''} before ${wanted[at] ?? ''}`]
  })
}

/** What one outcome answers was folded into one decision, and has no order among itself. */
function sortAs(order: readonly string[], ids: readonly string[]): readonly string[] {
  return [...ids].sort((one, other) => order.indexOf(one) - order.indexOf(other))
}

/** In the order of the decisions; what nothing was decided on is told at once (rulebook 2). */
export async function readDecisions(store: Pick<StateStore, 'read'>) {
  const rows = await store.read({ sql: 'SELECT record, body FROM outcomes ORDER BY id' })
  return rows
    .map(({ record, body }) => {
      // The table holds only what the sync printed.
      const { events, reason } = JSON.parse(String(body)) as Outcome
      return { record: String(record), events, reason }
    })
    .filter(({ reason }) => reason !== 'Only touchedAt moved.')
}

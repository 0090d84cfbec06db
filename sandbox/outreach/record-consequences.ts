import type { Row } from './record-store.ts'
import type { Wish } from './write-validation.ts'

/** Who saves, and through which door. */
export type Actor = { readonly userId: number | null; readonly through: 'api' | 'ui' }

type Saving = {
  readonly wish: Wish
  /** The record as it was; absent for a new one. */
  readonly before: Row | undefined
  readonly at: string
  readonly actor: Actor
  readonly newId: () => string
}

type Consequence = (saving: Saving) => Partial<Wish>

/** What Outreach itself sets because of what was asked for. */
export function toWishWithConsequences(type: string, saving: Saving): Wish {
  const extra = consequences[type]?.(saving) ?? {}
  return {
    attributes: { ...saving.wish.attributes, ...extra.attributes },
    links: { ...saving.wish.links, ...extra.links },
  }
}

const consequences: Readonly<Record<string, Consequence>> = {
  account: ({ wish, before }) =>
    // Made on purpose, hence named; the column's own default is false (outreach-api 1.5).
    before === undefined ? { attributes: { named: wish.attributes['named'] ?? true } } : {},
  prospect: ({ wish, before, at }) => {
    const { optedOut } = wish.attributes
    if (typeof optedOut !== 'boolean' || optedOut === before?.attributes['optedOut']) return {}
    return { attributes: { optedOutAt: optedOut ? at : null } }
  },
  opportunity: ({ wish: { attributes } }) => {
    const { amount, amountPrecise } = attributes
    if (typeof amountPrecise === 'string') {
      return { attributes: { amount: Math.trunc(Number(amountPrecise)) } }
    }
    if (amount === undefined) return {}
    return { attributes: { amountPrecise: typeof amount === 'number' ? String(amount) : null } }
  },
  task: ({ wish, before }) => {
    const { subject } = wish.links
    const views = ['account', 'opportunity', 'prospect'].map(
      (name) => [name, subject?.type === name ? subject : null] as const,
    )
    return {
      attributes: before === undefined ? { taskType: wish.attributes['taskType'] ?? 'manual' } : {},
      // `prospect`, `account` and `opportunity` are read-only views of the subject (outreach-api 7.6).
      links: subject === undefined ? {} : Object.fromEntries(views),
    }
  },
  webhook: ({ wish, before, actor, newId }) => {
    if (before !== undefined) {
      // Any update re-arms it, unless the update is the disabling itself (outreach-api 1.1).
      const armed = { disabledReason: null, disabledSince: null, disabledUntil: null }
      return { attributes: { ...armed, ...wish.attributes } }
    }
    const authorizer = wish.links['authorizer'] ?? toUser(actor.userId)
    return { attributes: { cleanupToken: newId() }, links: { authorizer } }
  },
}

export function toUser(id: number | null) {
  return id === null ? null : { type: 'user', id }
}

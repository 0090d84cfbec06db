type Clocks = {
  readonly now: number
  /** The answer's own Date header; a moment that the system names is in its clock, not in ours. */
  readonly dateHeader?: string | null
}

/**
 * The moment (our clock, epoch ms) that a Retry-After or X-RateLimit-Reset names: delta seconds, epoch
 * seconds or milliseconds, or any date. Undefined where it names none.
 */
export function toRetryAt(header: string | null, clocks: Clocks): number | undefined {
  const text = header?.trim() ?? ''
  if (text === '') return undefined
  const named = momentOf(text)
  if (named === undefined) return undefined
  if (named.kind === 'after') return clocks.now + named.ms

  const theirs = Date.parse(clocks.dateHeader ?? '')
  const offset = Number.isNaN(theirs) ? 0 : theirs - clocks.now
  // Date has whole seconds: a smaller difference is only its rounding.
  return named.at - (Math.abs(offset) < 2_000 ? 0 : offset)
}

type Moment =
  { readonly kind: 'after'; readonly ms: number } | { readonly kind: 'at'; readonly at: number }

function momentOf(text: string): Moment | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) {
    const amount = Number(text)
    if (amount > 1e12) return { kind: 'at', at: amount }
    // More than 1e9 s would be 31 years: such a number is an epoch (outreach-api 5).
    if (amount > 1e9) return { kind: 'at', at: amount * 1000 }
    return { kind: 'after', ms: amount * 1000 }
  }
  // A time without a zone is meant in UTC, as every other time of both systems.
  const isZoneless = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(text)
  const at = Date.parse(isZoneless ? `${text.replace(' ', 'T')}Z` : text)
  return Number.isNaN(at) ? undefined : { kind: 'at', at }
}

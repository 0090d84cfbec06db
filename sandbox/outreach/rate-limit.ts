import { toApiError } from './api-error.ts'

export type RateLimitSettings = {
  readonly limit: number
  readonly windowSeconds: number
  /** `9999, 19988` instead of one number, as one integrator met it (outreach-api 5). */
  readonly showsTwoValues: boolean
}

export type RateLimit = {
  /** Takes one call of that user's budget, or throws the 429. */
  readonly take: (user: string) => void
  readonly headers: (user: string) => Readonly<Record<string, string>>
  readonly settings: () => RateLimitSettings
  readonly change: (change: Partial<RateLimitSettings>) => void
}

type Bucket = { readonly used: number; readonly endsAt: number }

/** A budget of calls for each user that is full again when the window, begun by the first call, ends. */
export function makeRateLimit(first: RateLimitSettings, now: () => number): RateLimit {
  const buckets = new Map<string, Bucket>()
  let settings = first
  const bucketOf = (user: string): Bucket => {
    const bucket = buckets.get(user)
    if (bucket !== undefined && bucket.endsAt > now()) return bucket
    return { used: 0, endsAt: now() + settings.windowSeconds * 1000 }
  }
  const headers = (user: string) => {
    const bucket = bucketOf(user)
    const left = Math.max(0, settings.limit - bucket.used)
    return {
      'X-RateLimit-Limit': String(settings.limit),
      'X-RateLimit-Remaining': settings.showsTwoValues
        ? `${left}, ${left + settings.limit}`
        : String(left),
      'X-RateLimit-Reset': String(Math.ceil(bucket.endsAt / 1000)),
    }
  }
  return {
    headers,
    take: (user) => {
      const bucket = bucketOf(user)
      buckets.set(user, bucket)
      if (bucket.used >= settings.limit) throw toRateLimitError(settings.limit, bucket.endsAt)
      buckets.set(user, { ...bucket, used: bucket.used + 1 })
    },
    settings: () => settings,
    change: (change) => {
      settings = { ...settings, ...change }
    },
  }
}

/** `Retry-After` is an alias of the reset time, hence epoch seconds (outreach-api 5). */
export function toRateLimitError(limit: number, resetMs: number, retryAfter?: string) {
  const reset = Math.ceil(resetMs / 1000)
  const at = new Date(reset * 1000).toISOString().slice(0, 19)
  return toApiError(
    429,
    {
      id: 'rateLimitExceeded',
      title: 'Rate Limit Exceeded',
      detail: `You have exceeded your permitted rate limit of ${limit.toLocaleString('en-US')}; please try again at ${at}.`,
    },
    {
      'X-RateLimit-Limit': String(limit),
      'X-RateLimit-Remaining': '0',
      'X-RateLimit-Reset': String(reset),
      'Retry-After': retryAfter ?? String(reset),
    },
  )
}

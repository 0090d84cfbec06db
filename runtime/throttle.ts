export type Throttle = (key: string) => { readonly isShown: boolean; readonly notShown: number }

type Options = { readonly limit: number; readonly windowMs: number; readonly now: () => number }

/** Lets `limit` of each key through in a window; the first one of the next window says how many were held back. */
export function makeThrottle({ limit, windowMs, now }: Options): Throttle {
  const windows = new Map<string, { readonly since: number; seen: number }>()
  return (key) => {
    const window = windows.get(key)
    if (window !== undefined && now() - window.since < windowMs) {
      window.seen += 1
      return { isShown: window.seen <= limit, notShown: 0 }
    }
    windows.set(key, { since: now(), seen: 1 })
    return { isShown: true, notShown: Math.max(0, (window?.seen ?? 0) - limit) }
  }
}

const TOO_LARGE: readonly unknown[] = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']

/**
 * The broker will never take this very entry as it is configured, however often it is tried; any other
 * refusal (a topic that is missing, a permission) concerns all entries and waits for somebody to mend it.
 */
export function isTooLarge(error: unknown): boolean {
  const seen = new Set<unknown>()
  for (let at = error; at instanceof Error && !seen.has(at); at = at.cause) {
    if ('type' in at && TOO_LARGE.includes(at.type)) return true
    seen.add(at)
  }
  return false
}

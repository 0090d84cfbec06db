/** A system's own words for a message of ours: one line, at most 200 characters, no e-mail addresses. */
export function toQuote(text: string): string {
  const oneLine = text.replaceAll(/\s+/g, ' ').trim()
  const masked = oneLine.replaceAll(/[^\s@'"<>(),;:]+@[^\s@'"<>(),;:]+/g, '***@***')
  return masked.length > 200 ? `${masked.slice(0, 199)}…` : masked
}

const word = String.raw`\p{L}\p{N}`
// A quotation begins after and ends before something that is no letter: the apostrophe of "can't" does not.
const quotations = new RegExp(`(?<![${word}])'.*?'(?![${word}])|"[^"]*"|“[^”]*”`, 'gu')

/**
 * A system's own words for a message of ours: one line, at most 200 characters, without e-mail
 * addresses, quoted values and long numbers, for these may be personal.
 */
export function toQuote(text: string): string {
  const oneLine = text.replaceAll(/\s+/g, ' ').trim()
  const masked = oneLine
    .replaceAll(/[^\s@'"<>(),;:]+@[^\s@'"<>(),;:]+/g, '***@***')
    .replaceAll(quotations, (quoted) => `${quoted.slice(0, 1)}***${quoted.slice(-1)}`)
    .replaceAll(/\d{6,}/g, '***')
  return masked.length > 200 ? `${masked.slice(0, 199)}…` : masked
}

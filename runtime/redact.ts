const secretName =
  /secret|password|passwd|authorization|api[-_]?key|private[-_]?key|cookie|signature|credential|^jwt$|token$|^(?:e-?mails?|phones?)$/i

// Bounded on both sides of the @, so that no text of a stranger makes the search slow.
const email = /[^\s@"'<>()[\]{},;:/=?&]{1,64}@[A-Za-z0-9.-]{1,253}\.[A-Za-z]{2,24}/g
const bearer = /\b(Bearer|Basic)\s+[\w.~+/=-]{6,}/gi
const jwt = /\beyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*/g
const pemBlock = /-----BEGIN [A-Z ]{1,40}-----[^]*?(?:-----END [A-Z ]{1,40}-----|$)/g
const inQuery =
  /\b((?:api_key|(?:access_|refresh_)?token|client_secret|password|secret|code|signature)=)[^&\s"']+/gi
const userInUrl = /:\/\/[^/\s:@]{0,200}:[^/\s@]{1,200}@/g

const longest = 8_000
const deepest = 6
const most = 50

/** The text without e-mail addresses and whatever looks like a credential. */
export function redactText(text: string): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}... (cut)` : text
  return cut
    .replace(pemBlock, '[redacted]')
    .replace(userInUrl, '://[redacted]@')
    .replace(bearer, '$1 [redacted]')
    .replace(jwt, '[redacted]')
    .replace(inQuery, '$1[redacted]')
    .replace(email, '[e-mail]')
}

/** A copy that JSON can take, with no secret under a telling name and none in a text. The last safety net: nothing should have to be caught here. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'function' || typeof value === 'symbol') return undefined
  if (typeof value !== 'object' || value === null) return value
  if (depth >= deepest) return '[deeper]'
  return redactObject(value, depth)
}

function redactObject(value: object, depth: number): unknown {
  if (value instanceof Error) return redactError(value, depth)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (Array.isArray(value)) return value.slice(0, most).map((each) => redact(each, depth + 1))
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, most)
      .map(([name, each]) => [name, redactNamed(name, each, depth)]),
  )
}

function redactNamed(name: string, value: unknown, depth: number): unknown {
  const isEmpty = value === undefined || value === null || typeof value === 'boolean'
  return secretName.test(name) && !isEmpty ? '[redacted]' : redact(value, depth + 1)
}

function redactError(error: Error, depth: number): unknown {
  const code = 'code' in error ? { code: redact(error.code, depth + 1) } : {}
  const cause = error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1) }
  return {
    name: error.name,
    message: redactText(error.message),
    ...code,
    stack: redactText(error.stack ?? ''),
    ...cause,
  }
}

import { toMembers, toText } from './to-members.ts'

const neverConnected = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
])

const handshakeFailed =
  /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH)/

/** What fetch's rejection says in one word; never its message, which may quote a header. */
export function toFailureCode(error: unknown): string {
  for (let at = error, depth = 0; depth < 5 && at !== undefined; depth += 1) {
    const code = toText(toMembers(at)['code'])
    if (code !== undefined && code !== '') return code
    at = toMembers(at)['cause']
  }
  return error instanceof Error ? error.name : 'unknown'
}

/** True only where it is certain that no byte of the request reached the other side. */
export function wasNotSent(error: unknown): boolean {
  const cause = toMembers(error)['cause']
  // Without a cause fetch refused the request itself, e.g. for a header that cannot be sent.
  if (cause === undefined) return error instanceof TypeError
  const { syscall, message } = toMembers(cause)
  const code = toFailureCode(cause)
  if (neverConnected.has(code) || handshakeFailed.test(code)) return true
  if (syscall === 'connect' || syscall === 'getaddrinfo') return true
  if (typeof message === 'string' && /before secure TLS connection/.test(message)) return true
  const each: readonly unknown[] = cause instanceof AggregateError ? cause.errors : []
  return each.length > 0 && each.every((one) => wasNotSent({ cause: one }))
}

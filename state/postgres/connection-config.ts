import type { ClientConfig } from 'pg'
import { StateRefused } from '../state-refused.ts'

/** A peer that is gone without a word is noticed 10 s after this (Node asks ten times, once a second). */
const KEEP_ALIVE_AFTER_MS = 5_000

/**
 * How `DATABASE_URL` is connected to. `sslmode` means what it means to psql: `disable`; `require`: TLS,
 * whoever answers; `verify-full`: TLS, and the certificate is checked. Without one: no TLS to this
 * machine; TLS without a check of the chain to any other, for Heroku asks for TLS, says nothing in its
 * URL, and its chain is self-signed (infrastructure sheet, section 5).
 */
export function toConnectionConfig(url: string): ClientConfig {
  if (!URL.canParse(url))
    throw new StateRefused(
      'DATABASE_URL must be a full address: postgres://user:...@host/database.',
    )
  const address = new URL(url)
  const common = {
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    fallback_application_name: 'workbooks-outreach-gateway',
  }
  if (address.searchParams.has('sslmode')) {
    // Else the driver takes `require` for `verify-full`, and says on stderr that it will not for ever.
    address.searchParams.set('uselibpqcompat', 'true')
    return { ...common, connectionString: address.href }
  }
  const ssl = isThisMachine(address) ? false : { rejectUnauthorized: false }
  return { ...common, connectionString: url, ssl }
}

/** `?host=/path` is a socket in the file system. */
function isThisMachine({ hostname, searchParams }: URL): boolean {
  const host = searchParams.get('host') ?? hostname
  return /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?|)$/.test(host) || host.startsWith('/')
}

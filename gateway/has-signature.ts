import { timingSafeEqual } from 'node:crypto'
import { makeHmac } from './make-hmac.ts'

const hexLength = 64

/** Judges whether a signature is the lower-case hex HMAC-SHA256 of these very bytes under one of the secrets. */
export function makeHasSignature(
  secrets: readonly string[],
): (body: Uint8Array, signature: string) => boolean {
  const hmacs = secrets.map(makeHmac)
  return (body, signature) => {
    const given = Buffer.from(signature, 'latin1')
    if (signature.length !== hexLength) return false
    return hmacs.some((hmac) => timingSafeEqual(given, Buffer.from(hmac(body), 'latin1')))
  }
}

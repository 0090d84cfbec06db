import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto'

const hexSha256 = /^[0-9a-f]{64}$/

/** Keys are made once: an HMAC with a ready key costs half as much. */
export function toKeys(secrets: readonly string[]): readonly KeyObject[] {
  return secrets.map((secret) => createSecretKey(secret, 'utf8'))
}

/** Whether `signature` is the lower-case hex HMAC-SHA256 of these very bytes under one of the keys. */
export function hasSignature(
  body: Uint8Array,
  signature: string,
  keys: readonly KeyObject[],
): boolean {
  if (!hexSha256.test(signature)) return false
  const given = Buffer.from(signature, 'hex')
  return keys.some((key) => timingSafeEqual(given, createHmac('sha256', key).update(body).digest()))
}

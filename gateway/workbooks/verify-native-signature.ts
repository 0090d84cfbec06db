import { makeHasSignature } from '../has-signature.ts'
import type { Verdict } from '../verdict.ts'

/** Checks `X-Workbooks-Signature: ALGO=HEX`. No source names the ALGO word, so any is taken. */
export function makeVerifyNativeSignature(secrets: readonly string[]) {
  const hasSignature = makeHasSignature(secrets)
  return (header: string, body: Uint8Array): Verdict => {
    const signature = /^[A-Za-z0-9_-]{1,32}=(.*)$/.exec(header.trim())?.[1]
    if (signature === undefined)
      return { kind: 'forged', why: 'the signature has no ALGO=HEX form' }
    return hasSignature(body, signature)
      ? { kind: 'authentic' }
      : { kind: 'forged', why: 'the signature fits no secret' }
  }
}

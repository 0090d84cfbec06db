import type { IncomingHttpHeaders } from 'node:http'
import { makeHasSignature } from '../has-signature.ts'
import type { Verdict } from '../verdict.ts'

/** Outreach signs the bytes that it sent, so a body that was parsed and written again never verifies. */
export function makeVerifySignature(secrets: readonly string[]) {
  const hasSignature = makeHasSignature(secrets)
  return (headers: IncomingHttpHeaders, body: Uint8Array): Verdict => {
    const signature = headers['outreach-webhook-signature']
    if (typeof signature !== 'string') return { kind: 'forged', why: 'no signature' }
    return hasSignature(body, signature)
      ? { kind: 'authentic' }
      : { kind: 'forged', why: 'the signature fits no secret' }
  }
}

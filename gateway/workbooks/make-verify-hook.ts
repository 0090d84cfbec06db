import type { IncomingHttpHeaders } from 'node:http'
import type { Verdict } from '../verdict.ts'
import { makeVerifyHookToken } from './verify-hook-token.ts'
import { makeVerifyNativeSignature } from './verify-native-signature.ts'

type Deps = {
  readonly webhookSecrets: readonly string[]
  readonly hookSecrets: readonly string[]
  readonly now: () => number
}

/** Either proof opens the door: the native signature, or the change hook's token. */
export function makeVerifyHook({ webhookSecrets, hookSecrets, now }: Deps) {
  const verifyNative = makeVerifyNativeSignature(webhookSecrets)
  const verifyToken = makeVerifyHookToken({ secrets: hookSecrets, now })

  return (headers: IncomingHttpHeaders, body: Uint8Array): Verdict => {
    const signature = headers['x-workbooks-signature']
    const { authorization } = headers
    const native = typeof signature === 'string' ? verifyNative(signature, body) : undefined
    if (native?.kind === 'authentic') return native
    if (authorization !== undefined) return verifyToken(authorization, body)
    return native ?? { kind: 'forged', why: 'neither signature nor token' }
  }
}

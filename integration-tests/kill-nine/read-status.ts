import { signToken } from '../../ops/sign-token.ts'
import type { Status } from '../../ops/status.ts'
import { houseSecrets } from '../start-house.ts'

/** `ops status`, of the process whose operators' port this is. */
export async function readStatus(opsUrl: string): Promise<Status> {
  const claims = { sub: 'test', scopes: ['ops:read'], forSeconds: 60, now: Date.now() } as const
  const authorization = `Bearer ${signToken(houseSecrets.ops, claims)}`
  const answer = await fetch(`${opsUrl}/ops/status`, { headers: { authorization } })
  if (!answer.ok) throw new Error(`ops status answered ${answer.status}: ${await answer.text()}`)
  // Our own answer, in the form of product 6.
  return (await answer.json()) as Status
}

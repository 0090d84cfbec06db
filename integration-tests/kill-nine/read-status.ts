import { signToken } from '../../ops/sign-token.ts'
import type { Status } from '../../ops/status.ts'
import { houseSecrets } from '../start-house.ts'

/** `ops status`, of the process whose operators' port this is. */
export async function readStatus(opsUrl: string): Promise<Status> {
  const answer = await fetch(`${opsUrl}/ops/status`, { headers: toHeaders('ops:read') })
  if (!answer.ok) throw new Error(`ops status answered ${answer.status}: ${await answer.text()}`)
  // Our own answer, in the form of product 6.
  return (await answer.json()) as Status
}

/** `ops reconcile`: one interval now, of every list. */
export async function orderInterval(opsUrl: string): Promise<void> {
  const headers = { ...toHeaders('ops:write'), 'content-type': 'application/json' }
  const answer = await fetch(`${opsUrl}/ops/reconcile`, { method: 'POST', headers, body: '{}' })
  if (!answer.ok) throw new Error(`ops reconcile answered ${answer.status}`)
}

function toHeaders(scope: 'ops:read' | 'ops:write') {
  const claims = { sub: 'test', scopes: [scope], forSeconds: 60, now: Date.now() }
  return { authorization: `Bearer ${signToken(houseSecrets.ops, claims)}` }
}

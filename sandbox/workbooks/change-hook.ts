import { createHash, randomUUID } from 'node:crypto'
import jsonwebtoken from 'jsonwebtoken'
import type { Change } from './database.ts'
import type { Post } from './deliveries.ts'
import { defaultFormats, formatTime } from './format-time.ts'
import { resources } from './resources.ts'

export type ChangeHook = { readonly url: string; readonly jwtSecret: string }

const lifetimeSeconds = 240

export const eventOf = ({ before, after }: Change): 'created' | 'updated' | 'deleted' => {
  if (!before) return 'created'
  return after.isDeleted && !before.isDeleted ? 'deleted' : 'updated'
}

/** What our On Change process posts about a change (product 3); undefined for records it is not installed on. */
export const toChangePost = (
  change: Change,
  hook: ChangeHook,
  now: () => number,
): Post | undefined => {
  const resource = resources.find(({ controller }) => controller === change.controller)
  if (resource?.hookName === undefined) return undefined
  const { after } = change
  const body = JSON.stringify({
    resource: resource.hookName,
    event: eventOf(change),
    id: after.id,
    object_ref: `${resource.refPrefix ?? ''}-${after.ref}`,
    lock_version: after.lockVersion,
    updated_at: formatTime(after.updatedAt, defaultFormats.datetime),
  })
  const bodyDigest = createHash('sha256').update(body).digest('hex')
  const sign = (): string => {
    const iat = Math.floor(now() / 1000)
    return jsonwebtoken.sign(
      {
        iss: 'workbooks',
        iat,
        exp: iat + lifetimeSeconds,
        jti: randomUUID(),
        body_sha256: bodyDigest,
      },
      hook.jwtSecret,
      { algorithm: 'HS256' },
    )
  }
  return {
    key: `${change.controller}/${after.id}`,
    url: hook.url,
    body,
    headers: () => ({ authorization: `Bearer ${sign()}`, 'user-agent': 'Workbooks/On-Change' }),
  }
}

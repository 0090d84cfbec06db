import { createHmac } from 'node:crypto'
import type { Change } from './database.ts'
import type { Post } from './deliveries.ts'
import type { Rendered } from './render-row.ts'
import { resources } from './resources.ts'
import type { Row } from './row.ts'

type Deps = {
  readonly subscriptions: () => readonly Row[]
  readonly render: (controller: string, row: Row) => Rendered
}

/** Lower-case HMAC-SHA256 of the raw body; the word before `=` is a guess (workbooks-api 12.1). */
export const signNative = (body: string, secret: string): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`

/** The native webhooks for a new record: an array of records, each wrapped under its type's name. */
export const toNativePosts = (change: Change, deps: Deps): readonly Post[] => {
  const native = resources.find(({ controller }) => controller === change.controller)?.native
  if (!native || change.before) return []
  const wanted = deps
    .subscriptions()
    .filter(
      ({ isDeleted, values }) =>
        !isDeleted && values['enabled'] === true && values['trigger_id'] === native.trigger,
    )
  if (wanted.length === 0) return []
  const body = JSON.stringify([{ [native.name]: deps.render(change.controller, change.after) }])
  return wanted.map(({ values }) => {
    const url = String(values['callback_url'])
    const signature = signNative(body, String(values['secret_key']))
    return {
      key: `${url} ${change.controller}/${change.after.id}`,
      url,
      body,
      headers: () => ({ 'x-workbooks-signature': signature, 'user-agent': 'Workbooks' }),
    }
  })
}

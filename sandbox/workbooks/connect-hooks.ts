import { toChangePost } from './change-hook.ts'
import type { ChangeHook } from './change-hook.ts'
import type { Change } from './database.ts'
import type { Deliveries } from './deliveries.ts'
import { defaultFormats } from './format-time.ts'
import { toNativePosts } from './native-webhooks.ts'
import { renderRow } from './render-row.ts'
import type { Author } from './row.ts'
import { lookupIn } from './world.ts'
import type { World } from './world.ts'

type Hook = ChangeHook & {
  readonly apiWrites?: boolean
  /** The real time, which signatures are checked against, wherever the sandbox's clock stands. */
  readonly now: () => number
}

/** Announces every commit from now on: natively to whoever subscribed, and by our On Change hook where there is one. */
export const connectHooks = (
  world: World,
  deliveries: Pick<Deliveries, 'send'>,
  hook: Hook | undefined,
): void => {
  const nativeDeps = {
    subscriptions: () => world.database.rows('admin/triggers/webhook_subscriptions'),
    render: (controller: string, row: Change['after']) =>
      renderRow(row, world.catalogue.columns(controller).values(), {
        lookup: lookupIn(world)(world.database),
        formats: {
          ...defaultFormats,
          arraysAs: world.behaviour.arraysAs,
          timeZone: world.behaviour.timeZone,
        },
      }),
  }

  const announceByHook = (change: Change, author: Author): void => {
    if (!hook || (author.door === 'api' && hook.apiWrites === false)) return
    const post = toChangePost(change, hook, hook.now)
    if (post) deliveries.send(post)
  }

  world.database.onCommit((changes, author) => {
    for (const change of changes) {
      for (const post of toNativePosts(change, nativeDeps)) deliveries.send(post)
      announceByHook(change, author)
    }
  })
}

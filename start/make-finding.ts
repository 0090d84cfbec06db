import { randomBytes } from 'node:crypto'
import { toPollings } from '../consumers/to-pollings.ts'
import { makeTraceparents } from '../gateway/make-traceparents.ts'
import {
  makePublishFound,
  type PublishFound,
} from '../gateway/reconciliation/make-publish-found.ts'
import { noteFound } from '../gateway/reconciliation/misses/note-found.ts'
import type { Polling } from '../schemas/polling.ts'
import { makeVersions, type Versions } from '../state/versions.ts'
import type { Parts } from './parts.ts'
import { toLapse } from './to-lapse.ts'

/** What poller, backfills and sweep share: what is looked for, what is known of it, and where finds go. */
export type Finding = {
  readonly pollings: readonly Polling[]
  readonly versions: Versions
  readonly publishFound: PublishFound
  readonly traceparent: () => string
}

export function makeFinding(parts: Parts): Finding {
  const { config, store, log, now } = parts
  const traceparents = makeTraceparents({ randomBytes })
  return {
    pollings: toPollings(config),
    versions: makeVersions(store, toLapse(parts)),
    publishFound: makePublishFound({ log, store, noteFound, now }),
    traceparent: () => traceparents(undefined),
  }
}

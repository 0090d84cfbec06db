import type { FromThread as FromFileThread } from '../../runtime/file-thread.ts'
import type { Parcel } from './parcel.ts'

/** How the log's thread is started. `prepare.module` is a URL as text, for URLs do not travel. */
export type LogThreadData = {
  readonly dir: string
  readonly prepare?: { readonly module: string; readonly options: unknown }
}

export type Label = {
  readonly topic: string
  readonly key: string
  /** JSON, or null where there are none. */
  readonly headers: string | null
}

/** A group's place in a topic: the first offset that it has not finished. */
export type Mark = { readonly group: string; readonly topic: string; readonly next: number }

/** All that queued while the group before it was on its way to the disk; one transaction. */
export type Group = {
  readonly kind: 'group'
  readonly keptAt: number
  readonly raws: Parcel
  readonly labels: readonly Label[]
  readonly values: Parcel
  readonly marks: readonly Mark[]
}

export type GroupKept = {
  /** One answer a raw, in their order; empty where `failures` names it. */
  readonly answers: Parcel
  readonly failures: readonly { readonly index: number; readonly why: string }[]
  /** One a label, in their order. */
  readonly offsets: Float64Array<ArrayBuffer>
  readonly heads: readonly TopicHead[]
}

export type TopicHead = { readonly topic: string; readonly head: number }

export type Page = {
  readonly topic: string
  readonly from: { readonly offset: number } | { readonly time: number }
  readonly limit: number
}

export type PageRead = {
  readonly labels: readonly {
    readonly key: string
    readonly headers: string | null
    readonly offset: number
    readonly keptAt: number
  }[]
  readonly values: Parcel
}

export type Join = {
  readonly group: string
  readonly topics: readonly string[]
  readonly startFrom: 'beginning' | 'end'
}

export type Joined = readonly (TopicHead & { readonly next: number })[]

export type Retain = {
  readonly now: number
  readonly maxAgeMs: number
  readonly maxBytes: number
  readonly ownGroups: string
  readonly keepForever: readonly string[]
}

export type LagRow = {
  readonly group: string
  readonly events: number
  readonly since: number | null
}

/** Of all entries' values together, and of the file's pages that nothing fills. */
export type Size = { readonly bytes: number; readonly reusableBytes: number }

/** What the thread can be asked, and what it answers. */
export type Exchange = {
  readonly group: { readonly ask: Group; readonly answer: GroupKept }
  readonly page: { readonly ask: Page & { readonly kind: 'page' }; readonly answer: PageRead }
  readonly join: { readonly ask: Join & { readonly kind: 'join' }; readonly answer: Joined }
  readonly lags: { readonly ask: { readonly kind: 'lags' }; readonly answer: readonly LagRow[] }
  readonly retain: {
    readonly ask: Retain & { readonly kind: 'retain' }
    readonly answer: { readonly isDone: boolean }
  }
  readonly size: { readonly ask: { readonly kind: 'size' }; readonly answer: Size }
  readonly ping: { readonly ask: { readonly kind: 'ping' }; readonly answer: null }
  readonly close: { readonly ask: { readonly kind: 'close' }; readonly answer: null }
}

export type Ask = Exchange[keyof Exchange]['ask']
export type Answer = Exchange[keyof Exchange]['answer']
export type FromThread = FromFileThread<Answer>

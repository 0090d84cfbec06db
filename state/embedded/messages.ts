import type { FromThread as FromFileThread } from '../../runtime/file-thread.ts'
import type { Row, Statement, Written } from '../state-store.ts'

export type StateThreadData = { readonly dir: string }

/** What became of one write of a group: the others stand, whatever became of this one. */
export type WriteOutcome = { readonly kind: 'written'; readonly written: readonly Written[] } | Flaw

/** What is wrong with a statement, as against with the disk. */
export type Flaw = { readonly kind: 'constraint' | 'statement'; readonly why: string }

export type ReadOutcome = { readonly kind: 'rows'; readonly rows: readonly Row[] } | Flaw

/** What the thread can be asked, and what it answers. */
export type Exchange = {
  readonly read: {
    readonly ask: { readonly kind: 'read'; readonly statement: Statement }
    readonly answer: ReadOutcome
  }
  readonly write: {
    readonly ask: { readonly kind: 'write'; readonly writes: readonly (readonly Statement[])[] }
    readonly answer: readonly WriteOutcome[]
  }
  readonly close: { readonly ask: { readonly kind: 'close' }; readonly answer: null }
}

export type Ask = Exchange[keyof Exchange]['ask']
export type Answer = Exchange[keyof Exchange]['answer']
export type FromThread = FromFileThread<Answer>

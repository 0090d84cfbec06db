import type { OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import type { Members } from './members.ts'

/** Whom a row relates, and to which record. */
export type RowLinks = { readonly owner: string; readonly member: string }

/** What was read or told of rows in this process: an event may name its row only. */
export type KnownRows = {
  readonly note: (members: Members, rows: readonly OutreachRecord[]) => void
  readonly noteOne: (rowType: string, id: string, links: RowLinks) => void
  readonly linksOf: (rowType: string, id: string) => RowLinks | undefined
}

const mostKnown = 20_000

/** A memory that forgets: who is not in it is read. */
export function makeKnownRows(): KnownRows {
  const known = new Map<string, RowLinks>()
  const noteOne: KnownRows['noteOne'] = (rowType, id, links) => {
    if (known.size >= mostKnown) known.clear()
    known.set(`${rowType}:${id}`, links)
  }
  return {
    noteOne,
    note({ rowType, ownerLink, memberLink }, rows) {
      for (const { id, links } of rows) {
        const [owner, member] = [links[ownerLink], links[memberLink]]
        if (typeof owner === 'string' && typeof member === 'string')
          noteOne(rowType, id, { owner, member })
      }
    },
    linksOf: (rowType, id) => known.get(`${rowType}:${id}`),
  }
}

import type { OutreachRecord, OutreachValues } from '../../../clients/outreach/outreach-client.ts'
import type { WorkbooksRecord } from '../../../clients/workbooks/workbooks-client.ts'
import { fingerprintOf, typeOfSet, versionOfSet } from '../../../schemas/fingerprint.ts'
import { versionOfRow } from '../../../schemas/row-version.ts'
import type { RecordVersion } from '../../../state/versions.ts'
import type { Records } from '../batching/make-records.ts'
import type { Hint } from '../hint.ts'
import type { Kind } from '../kinds/kind.ts'
import { toFingerprintedRow } from '../kinds/to-polling.ts'
import { isMembersField } from '../members/member-values.ts'
import type { Members } from '../members/members.ts'
import { rowsOn, type Row } from '../members/rows.ts'
import type { BothFound, Work } from './work.ts'

type Noting = Pick<Work, 'kind' | 'versions'>

export function noteWorkbooks({ kind, versions }: Noting, record: WorkbooksRecord): void {
  versions.note(toWorkbooksVersion(kind, record))
}

export function noteOutreach({ kind, versions }: Noting, record: OutreachRecord): void {
  versions.note(toOutreachVersion(kind, record))
  for (const { members } of kind.fields.filter(isMembersField)) {
    const rows = rowsOn(record.attributes, members.rowType)
    if (rows !== undefined) versions.note(toSetVersion(members, { id: record.id, rows }))
  }
}

export function noteBoth(
  work: Noting,
  { w, o }: { readonly w: WorkbooksRecord; readonly o: OutreachRecord },
): void {
  noteWorkbooks(work, w)
  noteOutreach(work, o)
}

/** Both records of a pair, as far as they can be seen. */
export function noteFound(work: Noting, { w, o }: BothFound): void {
  if (w.kind === 'here') noteWorkbooks(work, w.record)
  if (o.kind === 'here') noteOutreach(work, o.record)
}

type Patched = {
  readonly read: OutreachRecord
  readonly write: Required<OutreachValues>
  readonly answer: OutreachRecord
}

/**
 * A PATCH has no condition: of its answer only what we wrote is taken, for the rest may hold an edit
 * that nobody has merged.
 */
export function notePatched({ kind, versions }: Noting, { read, write, answer }: Patched): void {
  const ours = Object.entries(write.links).map(([name, to]) => [name, to?.id ?? null] as const)
  const patched = {
    ...read,
    attributes: { ...read.attributes, ...withAnswer(write.attributes, answer.attributes) },
    links: { ...read.links, ...withAnswer(Object.fromEntries(ours), answer.links) },
  }
  versions.advance(toOutreachVersion(kind, read), toOutreachVersion(kind, patched).version)
}

/** What was sent, as the answer has it where it says so. */
function withAnswer<Value>(
  sent: Readonly<Record<string, Value>>,
  answer: Readonly<Record<string, Value>>,
): Readonly<Record<string, Value>> {
  const told = Object.entries(answer).filter(([name]) => name in sent)
  return { ...sent, ...Object.fromEntries(told) }
}

/** Reads of the hint's own record, and every write to Workbooks, are noted as they are answered. */
export function notingRecords(
  records: Records,
  { kind, hint, versions }: Noting & { readonly hint: Hint },
): Records {
  const work = { kind, versions }
  const readWorkbooks: Records['readWorkbooks'] = async (id, call) => {
    const found = await records.readWorkbooks(id, call)
    if (hint.side === 'workbooks' && id === hint.id && found.kind === 'here') {
      noteWorkbooks(work, found.record)
    }
    return found
  }
  const outreach =
    (read: Records['readOutreach']): Records['readOutreach'] =>
    async (id, call) => {
      const found = await read(id, call)
      if (hint.side === 'outreach' && id === hint.id && found.kind === 'here') {
        noteOutreach(work, found.record)
      }
      return found
    }
  const writing =
    (write: Records['writeWorkbooks']): Records['writeWorkbooks'] =>
    async (row, call) => {
      const answer = await write(row, call)
      if (answer.kind !== 'written') return answer
      const made = toWorkbooksVersion(kind, { ...answer, isDeleted: row.kind === 'delete' })
      if (row.kind === 'create') versions.note(made)
      // It was conditional: between the version that was read and the answered one is nothing but it.
      else versions.advance(toWorkbooksVersion(kind, { ...row, isDeleted: false }), made.version)
      return answer
    }
  return {
    ...records,
    readWorkbooks,
    readOutreach: outreach(records.readOutreach),
    readOutreachIdly: outreach(records.readOutreachIdly),
    writeWorkbooks: writing(records.writeWorkbooks),
    writeAlone: writing(records.writeAlone),
  }
}

function toWorkbooksVersion(
  { workbooks }: Kind,
  row: Pick<WorkbooksRecord, 'id' | 'lockVersion' | 'isDeleted'>,
): RecordVersion {
  return { system: 'workbooks', type: workbooks.type, id: row.id, version: versionOfRow(row) }
}

function toOutreachVersion(
  { outreach, fingerprinted }: Kind,
  record: Pick<OutreachRecord, 'id' | 'attributes' | 'links'>,
): RecordVersion {
  const version = fingerprintOf(fingerprinted, record)
  return { system: 'outreach', type: outreach.type, id: record.id, version }
}

type RowSet = { readonly id: string; readonly rows: readonly Row[] }

/** Of all people's rows together: nothing tells that one is gone (rulebook 7). */
function toSetVersion(members: Members, { id, rows }: RowSet): RecordVersion {
  const { rowType, roleAttribute, ownerLink, memberLink } = members
  const told = rows.map((row) => ({
    id: row.id,
    attributes: { [roleAttribute]: row.role },
    links: { [ownerLink]: id, [memberLink]: row.member },
  }))
  const version = versionOfSet(toFingerprintedRow(members), told)
  return { system: 'outreach', type: typeOfSet({ type: rowType }), id, version }
}

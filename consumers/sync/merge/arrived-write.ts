import type { WorkbooksRecord } from '../../../clients/workbooks/workbooks-client.ts'
import type { OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import type { Field } from '../fields/field.ts'
import { readOutreachValue, toSeconds, toText } from '../fields/record-values.ts'
import { rowsOn } from '../members/rows.ts'
import type { OwnPatch, PairMemory } from './memory.ts'
import { keepRecentPatches } from './overwritten-edit.ts'
import type { Settled } from './settle-pending.ts'

type Input = {
  /** The memory as it was kept before the write. */
  readonly before: PairMemory
  readonly settled: Settled
  readonly fields: readonly Field[]
  readonly w: Pick<WorkbooksRecord, 'columns' | 'lockVersion'>
  readonly o: Pick<OutreachRecord, 'attributes' | 'links'>
  /** Our clock. */
  readonly nowMs: number
}

/**
 * What an answer would have told of a write that arrived, though nobody heard it: of a PATCH what its echo
 * is compared with, of an update the time that does not count (rulebook 8).
 */
export function rememberArrived(input: Input): PairMemory {
  const { memory, arrived } = input.settled
  if (arrived === undefined) return memory
  return arrived.system === 'outreach' ? withPatch(input, arrived.fields) : withOurTime(input)
}

function withPatch({ before, settled, fields, o, nowMs }: Input, names: readonly string[]) {
  const { memory } = settled
  const patched: Record<string, OwnPatch['fields'][string]> = {}
  for (const field of fields) {
    const sent = before.pending?.fields[field.workbooks]
    // What was put back is still on its way: nothing can be told from it.
    if (sent === undefined || sent.isRestored === true || !names.includes(field.workbooks)) continue
    const left = readOutreachValue(field, o)
    patched[field.outreach] = {
      read: sent.was,
      left,
      w: sent.from,
      sourceTime: sent.sourceTime ?? 0,
    }
  }
  if (Object.keys(patched).length === 0) return memory
  // Where somebody has edited since, this is their time; then the echo is not known as ours.
  const patch: OwnPatch = { at: nowMs, ...toWhich(before, fields, o), fields: patched }
  return { ...memory, patches: [...keepRecentPatches(memory.patches ?? [], nowMs), patch] }
}

/** The record, or the row of it, as it reads now. */
function toWhich({ pending }: PairMemory, fields: readonly Field[], { attributes }: Input['o']) {
  const [row] = Object.values(pending?.fields ?? {}).map((one) => one.row)
  if (row === undefined) return { updatedAt: toText(attributes['updatedAt']) ?? '' }
  const rows = fields.flatMap(({ members }) => {
    return members === undefined ? [] : (rowsOn(attributes, members.rowType) ?? [])
  })
  return { row, updatedAt: rows.find(({ id }) => id === row.id)?.updatedAt ?? '' }
}

function withOurTime({ before, settled: { memory }, w }: Input): PairMemory {
  // One version more than was read: nobody else has written since.
  if (before.lockVersion === undefined || w.lockVersion !== before.lockVersion + 1) return memory
  const workbooks = toSeconds(w.columns['updated_at'])
  return { ...memory, ourTimes: { ...memory.ourTimes, workbooks } }
}

import type { System } from '../../../schemas/record-ref.ts'
import type { OutreachRecord } from '../../../clients/outreach/outreach-client.ts'
import type { WorkbooksRecord } from '../../../clients/workbooks/workbooks-client.ts'
import type { Field } from '../fields/field.ts'
import { forms, type Form } from '../fields/form.ts'
import { sameValue, type Value } from '../fields/value.ts'
import type { HintEvent } from '../hint.ts'
import { organisation } from '../kinds/organisation.ts'
import type { PairMemory } from './memory.ts'
import { isRendering } from './settle-pending.ts'

/** What a person types, or what we write, on one side. */
export type Edit = { readonly side: System; readonly field: string; readonly value: unknown }

export type Waiting = {
  readonly side: System
  readonly event: HintEvent
  readonly isEcho: boolean
}

type Cell = { readonly raw: unknown; readonly edit: number }
type Row = Record<string, Cell>
type Owed = { readonly field: string; readonly value: Value; readonly edit: number }

/** Both rows as they were when they were read. */
export type Seen = Readonly<Record<System, Readonly<Row>>>

export type Rules = {
  readonly fields: readonly Field[]
  readonly start: Readonly<Record<string, { readonly w: unknown; readonly o: unknown }>>
  /** How a system stores what it is given. */
  readonly renders: (side: System, field: Field, raw: unknown) => unknown
}

export function formOf({ form }: Field): Form {
  return forms[form]
}

/**
 * Two records that people and we write, in memory, with the books kept on whose edit each value is and
 * which of them were overwritten before the other side had them: for tests.
 */
export function makeTwoSystems({ fields, start, renders }: Rules) {
  const rows: Record<System, Row> = { workbooks: {}, outreach: {} }
  const origin = new Map<number, System>()
  const carried = new Set([0])
  const owed: Owed[] = []
  const counts = { edits: 0, writes: 0, restores: 0, events: 0 }
  const updatedAt: Record<System, number> = { workbooks: 1_000, outreach: 1_000 }
  const waiting: Waiting[] = []
  let [clock, lockVersion] = [1_000, 1]

  for (const [name, { w, o }] of Object.entries(start)) {
    rows.workbooks[name] = { raw: w, edit: 0 }
    rows.outreach[name] = { raw: o, edit: 0 }
  }

  function fieldOf(name: string): Field {
    const field = fields.find(({ workbooks, outreach }) => [workbooks, outreach].includes(name))
    if (field === undefined) throw new Error(`The model has no field ${name}`)
    return field
  }

  function read(name: string, raw: unknown): Value {
    return formOf(fieldOf(name)).read(raw)
  }

  const cellOf = (row: Readonly<Row>, name: string): Cell => row[name] ?? { raw: null, edit: 0 }
  const valueOf = (side: System, name: string) => read(name, cellOf(rows[side], name).raw)
  const isoOf = (seconds: number) => new Date(seconds * 1_000).toISOString()

  function announce(side: System, told: Partial<HintEvent>, isEcho: boolean): void {
    counts.events += 1
    const event: HintEvent = {
      ...{ id: `${side}/${counts.events}`, origin: 'webhook', action: 'updated' },
      ...{ updatedAt: clock, changedAt: clock * 1_000, changed: {}, before: {} },
      ...{ links: {}, linksBefore: {} },
      ...told,
    }
    waiting.push({ side, event, isEcho })
  }

  /** Stores values, moves the clock and tells of it, as both systems do. */
  function change(side: System, values: Readonly<Record<string, Cell>>, isEcho: boolean): void {
    const before = { ...rows[side] }
    const moved = Object.keys(values).filter(
      (name) => JSON.stringify(before[name]?.raw) !== JSON.stringify(values[name]?.raw),
    )
    Object.assign(rows[side], values)
    if (moved.length === 0) return
    clock += 1
    const had = isoOf(updatedAt[side])
    updatedAt[side] = clock
    if (side === 'workbooks') {
      lockVersion += 1
      announce(side, { lockVersion }, isEcho)
      return
    }
    const named = (from: Row) =>
      Object.fromEntries(moved.map((name) => [fieldOf(name).outreach, from[name]?.raw]))
    const told = { changed: named(rows[side]), before: { ...named(before), updatedAt: had } }
    announce(side, told, isEcho)
  }

  function edit({ side, field, value }: Edit): void {
    const isAnother = !sameValue(valueOf(side, field), read(field, value))
    if (isAnother) counts.edits += 1
    const by = isAnother ? counts.edits : cellOf(rows[side], field).edit
    if (isAnother) origin.set(by, side)
    // Typed again, it is not lost.
    const again = owed.findIndex(
      (one) => one.field === field && sameValue(one.value, read(field, value)),
    )
    if (again !== -1) owed.splice(again, 1)
    change(side, { [field]: { raw: value, edit: by } }, false)
  }

  /** Our write, with the books kept on whose edit it carries and whose it overwrites. */
  function write(side: System, values: Readonly<Record<string, unknown>>, seen: Seen): void {
    const other = side === 'workbooks' ? 'outreach' : 'workbooks'
    const cells = Object.entries(values).map(([name, raw]) => {
      const field = fieldOf(name)
      const value = read(name, raw)
      const put = { raw: renders(side, field, raw) }
      const restored = owed.findIndex((one) => one.field === name && sameValue(one.value, value))
      const lost = side === 'outreach' ? owed[restored] : undefined
      if (lost !== undefined) {
        owed.splice(restored, 1)
        counts.restores += 1
        return [name, { ...put, edit: lost.edit }] as const
      }
      const isNow = formOf(field).means(value, valueOf(other, name))
      const by = cellOf(isNow ? rows[other] : seen[other], name).edit
      carried.add(by)
      overwrite(side, name, value)
      return [name, { ...put, edit: by }] as const
    })
    counts.writes += 1
    change(side, Object.fromEntries(cells), true)
  }

  function overwrite(side: System, name: string, value: Value): void {
    const { raw, edit: by } = cellOf(rows[side], name)
    const isLost = !carried.has(by) && origin.get(by) === side
    const had = read(name, raw)
    if (isLost && !sameValue(had, value)) owed.push({ field: name, value: had, edit: by })
  }

  /**
   * What a sync reads: from then on, what means the same on both sides, or was put back, is no edit. Nor is
   * what says just what a write of ours said that nobody heard: it cannot be told from that.
   */
  function look({ agreed, pending }: Pick<PairMemory, 'agreed' | 'pending'>): Seen {
    for (const field of fields) {
      const name = field.workbooks
      const { w, o } = agreed[name] ?? { w: null, o: null }
      const [wNow, oNow] = [valueOf('workbooks', name), valueOf('outreach', name)]
      const isSame = formOf(field).means(wNow, oNow)
      if (isSame || sameValue(wNow, w)) carried.add(cellOf(rows.workbooks, name).edit)
      if (isSame || sameValue(oNow, o)) carried.add(cellOf(rows.outreach, name).edit)
      const sent = pending?.fields[name]
      if (pending === undefined || sent === undefined) continue
      if (!isRendering(sent.sent, valueOf(pending.system, name))) continue
      carried.add(cellOf(rows[pending.system], name).edit)
    }
    return { workbooks: { ...rows.workbooks }, outreach: { ...rows.outreach } }
  }

  function outreachRecord(): OutreachRecord {
    const attributes: Record<string, unknown> = { updatedAt: isoOf(updatedAt.outreach) }
    for (const [name, { raw }] of Object.entries(rows.outreach)) {
      attributes[fieldOf(name).outreach] = raw
    }
    return { type: 'account', id: '4101', attributes, links: {}, readAt: clock * 1_000 }
  }

  function workbooksRecord(): WorkbooksRecord {
    const { syncToOutreach, outreachId } = organisation.columns
    const columns: Record<string, unknown> = {
      ...{ [syncToOutreach]: true, [outreachId]: '4101' },
      updated_at: isoOf(updatedAt.workbooks),
    }
    for (const [name, { raw }] of Object.entries(rows.workbooks)) columns[name] = raw
    const about = { controller: 'crm/organisations', id: '226', isDeleted: false }
    return { ...about, columns, lockVersion, readAt: clock * 1_000 }
  }

  return {
    counts,
    owed,
    waiting,
    edit,
    write,
    look,
    fieldOf,
    valueOf,
    outreachRecord,
    workbooksRecord,
    nowMs: () => clock * 1_000,
    updatedAt: (side: System) => updatedAt[side],
  }
}

export type TwoSystems = ReturnType<typeof makeTwoSystems>

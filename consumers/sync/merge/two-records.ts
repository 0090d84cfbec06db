import { UnknownAnswer } from '../../../clients/errors.ts'
import type { OutreachRecord, OutreachValues } from '../../../clients/outreach/outreach-client.ts'
import type {
  WorkbooksAnswer,
  WorkbooksWrite,
} from '../../../clients/workbooks/workbooks-client.ts'
import type { Conflict, Outcome } from '../../../schemas/outcome.ts'
import type { System } from '../../../schemas/record-ref.ts'
import type { Statement } from '../../../state/state-store.ts'
import type { Field } from '../fields/field.ts'
import { forms, type Form } from '../fields/form.ts'
import { sameValue, type Value } from '../fields/value.ts'
import type { HintEvent } from '../hint.ts'
import { organisation } from '../kinds/organisation.ts'
import { settleKind } from '../kinds/settle-kind.ts'
import { applyMerge } from '../pair/apply-merge.ts'
import type { SyncDeps, Work } from '../pair/work.ts'
import { emptyMemory, printMemory, readMemory } from './memory.ts'

/** What a person types, or what we write, on one side. */
export type Edit = { readonly side: System; readonly field: string; readonly value: unknown }

export type Fault =
  /** kill -9 at the nth of the points that a sync passes. */
  | { readonly kind: 'crash'; readonly at: number }
  /** The first write is carried out, or not, and no answer comes. */
  | { readonly kind: 'no answer'; readonly arrives: boolean }
  /** A person edits between our read and our first write. */
  | { readonly kind: 'edit'; readonly edit: Edit }

export type Sync = {
  readonly side: System
  /** Which of the waiting events arrive with this hint; the others are late. */
  readonly arrives: (event: HintEvent) => boolean
  /** The same delivery will come once more. */
  readonly isDoubled?: boolean
  readonly fault?: Fault
}

type Cell = { readonly raw: unknown; readonly edit: number }
type Row = Record<string, Cell>
type Owed = { readonly field: string; readonly value: Value; readonly edit: number }
type Waiting = { readonly side: System; readonly event: HintEvent; readonly isEcho: boolean }

class Killed extends Error {
  override readonly name = 'Killed'
}

type Rules = {
  readonly fields: readonly Field[]
  readonly start: Readonly<Record<string, { readonly w: unknown; readonly o: unknown }>>
  /** How a system stores what it is given. */
  readonly renders: (side: System, field: Field, raw: unknown) => unknown
}

export function formOf({ form }: Field): Form {
  return forms[form === 'owner' ? 'text' : form]
}

/** Two records that people edit, in memory, and the sync's own shell between them: a model for tests. */
export function makeTwoRecords({ fields, start, renders }: Rules) {
  const kind = { ...settleKind(organisation), fields }
  const rows: Record<System, Row> = { workbooks: {}, outreach: {} }
  const origin = new Map<number, System>()
  const carried = new Set([0])
  const owed: Owed[] = []
  const conflicts: Conflict[] = []
  const counts = { edits: 0, writes: 0, restores: 0, events: 0 }
  const updatedAt: Record<System, number> = { workbooks: 1_000, outreach: 1_000 }
  let [clock, lockVersion] = [1_000, 1]
  let waiting: Waiting[] = []
  let [echoesLate, point] = [0, 0]
  let fault: Fault | undefined

  const agreed = Object.entries(start).map(([name, { w, o }]) => {
    rows.workbooks[name] = { raw: w, edit: 0 }
    rows.outreach[name] = { raw: o, edit: 0 }
    return [name, { w: read(name, w), o: read(name, o) }] as const
  })
  let memory = printMemory({ ...emptyMemory, agreed: Object.fromEntries(agreed) })

  function fieldOf(name: string): Field {
    const field = fields.find(({ workbooks, outreach }) => [workbooks, outreach].includes(name))
    if (field === undefined) throw new Error(`The model has no field ${name}`)
    return field
  }

  function read(name: string, raw: unknown): Value {
    return formOf(fieldOf(name)).read(raw)
  }

  const valueOf = (side: System, name: string) => read(name, rows[side][name]?.raw)
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
    if (isEcho && side === 'outreach') echoesLate += 1
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
    const by = isAnother ? counts.edits : (rows[side][field]?.edit ?? 0)
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
      const source = rows[other][name]
      const isNow = formOf(field).means(value, read(name, source?.raw))
      const by = (isNow ? source?.edit : seen[other][name]?.edit) ?? 0
      carried.add(by)
      overwrite(side, name, value)
      return [name, { ...put, edit: by }] as const
    })
    counts.writes += 1
    change(side, Object.fromEntries(cells), true)
  }

  function overwrite(side: System, name: string, value: Value): void {
    const { raw, edit: by } = rows[side][name] ?? { raw: null, edit: 0 }
    const isLost = !carried.has(by) && origin.get(by) === side
    const had = read(name, raw)
    if (isLost && !sameValue(had, value)) owed.push({ field: name, value: had, edit: by })
  }

  type Seen = Readonly<Record<System, Row>>

  function look(): Seen {
    const { agreed: known } = readMemory(memory)
    for (const { workbooks: name } of fields) {
      const [w, o] = [rows.workbooks[name], rows.outreach[name]]
      const isSame = formOf(fieldOf(name)).means(read(name, w?.raw), read(name, o?.raw))
      // What was put back as it was is no edit.
      const { w: aw = null, o: ao = null } = known[name] ?? {}
      if (isSame || sameValue(read(name, w?.raw), aw)) carried.add(w?.edit ?? 0)
      if (isSame || sameValue(read(name, o?.raw), ao)) carried.add(o?.edit ?? 0)
    }
    return { workbooks: { ...rows.workbooks }, outreach: { ...rows.outreach } }
  }

  function pass(): void {
    point += 1
    if (fault?.kind === 'crash' && fault.at === point) throw new Killed()
  }

  /** Carries a write out, with whatever goes wrong on its way; false: no answer comes. */
  function attempt(act: () => void): boolean {
    pass()
    const met = fault
    if (met?.kind === 'edit') {
      fault = undefined
      edit(met.edit)
    }
    if (met?.kind === 'no answer') fault = undefined
    if (met?.kind !== 'no answer' || met.arrives) act()
    pass()
    return met?.kind !== 'no answer'
  }

  function keep(statements: readonly Statement[]): void {
    for (const { sql, params = [] } of statements) {
      if (sql.includes('INTO pairs')) memory = String(params[7])
      const bodies = params.filter((one) => typeof one === 'string' && one.startsWith('{"outcome"'))
      for (const body of new Set(bodies)) {
        // Printed by `keepOutcome` a moment ago.
        conflicts.push(...((JSON.parse(String(body)) as Outcome).conflicts ?? []))
      }
    }
  }

  function outreachRecord(): OutreachRecord {
    const attributes = Object.entries(rows.outreach).map(([name, { raw }]) => [
      fieldOf(name).outreach,
      raw,
    ])
    return {
      ...{ type: 'account', id: '4101', links: {}, readAt: clock * 1_000 },
      attributes: { ...Object.fromEntries(attributes), updatedAt: isoOf(updatedAt.outreach) },
    }
  }

  function workbooksRecord() {
    const columns = Object.entries(rows.workbooks).map(([name, { raw }]) => [name, raw])
    const steering = { [kind.columns.syncToOutreach]: true, [kind.columns.outreachId]: '4101' }
    const updated_at = isoOf(updatedAt.workbooks)
    return {
      ...{ controller: 'crm/organisations', id: '226', isDeleted: false, readAt: clock * 1_000 },
      columns: { ...Object.fromEntries(columns), ...steering, updated_at },
      lockVersion,
    }
  }

  function update(values: OutreachValues, seen: Seen): Promise<OutreachRecord> {
    const named = Object.entries(values.attributes).map(([name, raw]) => [
      fieldOf(name).workbooks,
      raw,
    ])
    const isHeard = attempt(() => {
      write('outreach', Object.fromEntries(named), seen)
    })
    if (!isHeard) throw new UnknownAnswer('No answer', { system: 'outreach', status: 0 })
    return Promise.resolve(outreachRecord())
  }

  function put(row: WorkbooksWrite, seen: Seen): Promise<WorkbooksAnswer> {
    if (row.kind !== 'update') throw new Error(`The model knows no ${row.kind}`)
    let answer: WorkbooksAnswer = { kind: 'stale' }
    const isHeard = attempt(() => {
      if (row.lockVersion !== lockVersion) return
      const before = workbooksRecord().columns
      write('workbooks', row.columns, seen)
      const { columns } = workbooksRecord()
      const changed = Object.entries(columns).filter(([name, raw]) => before[name] !== raw)
      answer = { kind: 'written', id: '226', lockVersion, columns: Object.fromEntries(changed) }
    })
    return Promise.resolve(isHeard ? answer : { kind: 'unanswered', error: new Error('No answer') })
  }

  function depsFor(seen: Seen): Pick<Work, 'records'> & { readonly deps: SyncDeps } {
    const absent = () => Promise.reject(new Error('The model has no such part'))
    const text = { meansSame: sameValue, asOutreach: absent, asWorkbooks: absent }
    const parts = {
      store: {
        write: async (statements: readonly Statement[]) => {
          pass()
          keep(statements)
          pass()
          return Promise.resolve([])
        },
      },
      outreach: { update: (_: unknown, values: OutreachValues) => update(values, seen) },
      owners: { prepare: absent, carrierFor: () => text, queueIdOf: () => undefined },
      now: () => clock * 1_000,
      newOutcomeId: (at: number) => `${at}`,
      settings: { outreachWebUrl: 'https://outreach.example', connectedAt: 0 },
    }
    const records = { writeWorkbooks: (row: WorkbooksWrite) => put(row, seen) }
    // Only the parts that a linked pair's merge touches are there; whatever else is asked for throws.
    return { deps: parts as unknown as SyncDeps, records: records as unknown as Work['records'] }
  }

  function take({ side, arrives, isDoubled }: Sync): readonly Waiting[] {
    // Only a few of our own writes are remembered: their echoes are not later than that.
    const mustCome = echoesLate >= 3
    const isTaken = (one: Waiting) =>
      one.side === side && (arrives(one.event) || (one.isEcho && mustCome))
    const taken = waiting.filter(isTaken)
    waiting = isDoubled === true ? waiting : waiting.filter((one) => !isTaken(one))
    echoesLate = waiting.filter((one) => one.isEcho && one.side === 'outreach').length
    return taken
  }

  return {
    counts,
    owed,
    conflicts,
    edit,
    valueOf,
    rawOf: (side: System, name: string) => rows[side][name]?.raw,
    isQuiet: () => waiting.length === 0,
    memory: () => memory,
    /** An event of a person's edit that nobody ever hears. */
    lose(): void {
      const index = waiting.findIndex(({ isEcho }) => !isEcho)
      if (index !== -1) waiting.splice(index, 1)
    },
    async sync(how: Sync): Promise<void> {
      const taken = take(how)
      const events = taken.map(({ event }) => event)
      const polled: HintEvent = {
        ...{ id: 'polled', origin: 'reconciliation', action: 'updated', changedAt: 0, before: {} },
        ...{ updatedAt: updatedAt[how.side], changed: {}, links: {}, linksBefore: {} },
      }
      const id = how.side === 'workbooks' ? '226' : '4101'
      const hint = {
        kind: kind.name,
        side: how.side,
        id,
        events: events.length ? events : [polled],
      }
      fault = how.fault
      point = 0
      for (let tries = 0; tries < 5; tries += 1) {
        const seen = look()
        const { deps, records } = depsFor(seen)
        const work: Work = {
          ...{ kind, hint, records, tries, call: { lane: 'live' }, held: new Set() },
          ...{ signal: new AbortController().signal, calls: { count: 0 }, told: [] },
        }
        const ids = { kind: kind.name, workbooksId: '226', outreachId: '4101' }
        const state = { status: 'linked', closedWhy: null, madeFrom: 'neither' } as const
        const pair = { ...ids, ...state, idSeen: true, memory }
        try {
          const both = { pair, w: workbooksRecord(), o: outreachRecord() }
          if ((await applyMerge(deps, work, both)).kind !== 'again') break
        } catch (error) {
          if (!(error instanceof Killed)) throw error
          fault = undefined
          // What was in hand comes again.
          waiting.push(...taken)
          return
        }
      }
      fault = undefined
    },
  }
}

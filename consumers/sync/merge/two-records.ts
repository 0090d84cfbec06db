import { UnknownAnswer } from '../../../clients/errors.ts'
import type { OutreachRecord, OutreachValues } from '../../../clients/outreach/outreach-client.ts'
import type {
  WorkbooksAnswer,
  WorkbooksWrite,
} from '../../../clients/workbooks/workbooks-client.ts'
import type { Conflict, Outcome } from '../../../schemas/outcome.ts'
import { fingerprintOf } from '../../../schemas/fingerprint.ts'
import type { System } from '../../../schemas/record-ref.ts'
import { versionOfRow } from '../../../schemas/row-version.ts'
import type { Statement } from '../../../state/state-store.ts'
import { writeHandled } from '../../../state/versions.ts'
import { sameValue } from '../fields/value.ts'
import type { Hint, HintEvent } from '../hint.ts'
import { organisation } from '../kinds/organisation.ts'
import { settleKind } from '../kinds/settle-kind.ts'
import { toFingerprinted } from '../kinds/to-polling.ts'
import { applyMerge } from '../pair/apply-merge.ts'
import { notingRecords } from '../pair/note-records.ts'
import { makeNotedVersions } from '../pair/noted-versions.ts'
import type { SyncDeps, Work } from '../pair/work.ts'
import { emptyMemory, printMemory, readMemory } from './memory.ts'
import { makeTwoSystems, type Edit, type Rules, type Seen, type Waiting } from './two-systems.ts'

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

class Killed extends Error {
  override readonly name = 'Killed'
}

/** Two records that people edit, in memory, and the sync's own shell between them: a model for tests. */
export function makeTwoRecords(rules: Rules) {
  const settled = { ...settleKind(organisation), fields: rules.fields }
  const kind = { ...settled, fingerprinted: toFingerprinted(settled) }
  const systems = makeTwoSystems(rules)
  const { counts, owed, waiting, edit, valueOf, fieldOf } = systems
  const conflicts: Conflict[] = []
  const handled = new Map<string, string>()
  /** A hint that a crash broke off, or that was parked, comes again. */
  const undone = new Set<System>()
  let point = 0
  let fault: Fault | undefined

  const agreed = Object.keys(rules.start).map((name) => {
    return [name, { w: valueOf('workbooks', name), o: valueOf('outreach', name) }] as const
  })
  let memory = printMemory({ ...emptyMemory, agreed: Object.fromEntries(agreed) })

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
      if (sql.includes('INTO versions')) {
        for (let at = 0; at < params.length; at += 6) {
          handled.set(String(params[at]), String(params[at + 3]))
        }
      }
      const bodies = params.filter((one) => typeof one === 'string' && one.startsWith('{"outcome"'))
      for (const body of new Set(bodies)) {
        // Printed by `keepOutcome` a moment ago.
        conflicts.push(...((JSON.parse(String(body)) as Outcome).conflicts ?? []))
      }
    }
  }

  function update({ attributes }: OutreachValues, seen: Seen): Promise<OutreachRecord> {
    const named: Record<string, unknown> = {}
    for (const [name, raw] of Object.entries(attributes)) named[fieldOf(name).workbooks] = raw
    const isHeard = attempt(() => {
      systems.write('outreach', named, seen)
    })
    if (!isHeard) throw new UnknownAnswer('No answer', { system: 'outreach', status: 0 })
    return Promise.resolve(systems.outreachRecord())
  }

  function put(row: WorkbooksWrite, seen: Seen): Promise<WorkbooksAnswer> {
    if (row.kind !== 'update') throw new Error(`The model knows no ${row.kind}`)
    let answer: WorkbooksAnswer = { kind: 'stale' }
    const isHeard = attempt(() => {
      const before = systems.workbooksRecord()
      if (row.lockVersion !== before.lockVersion) return
      systems.write('workbooks', row.columns, seen)
      const { columns, lockVersion, id } = systems.workbooksRecord()
      // An update's answer has only what really changed.
      const changed = Object.entries(columns).filter(([name, raw]) => before.columns[name] !== raw)
      answer = { kind: 'written', id, lockVersion, columns: Object.fromEntries(changed) }
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
      stages: { prepare: absent, carrier: text, wasRefused: absent },
      eventsAbout: () => Promise.resolve([]),
      now: systems.nowMs,
      newOutcomeId: (at: number) => `${at}`,
      settings: {
        outreachWebUrl: 'https://outreach.example',
        connectionOf: () => ({ outreach: 0, workbooks: 0 }),
      },
    }
    const records = { writeWorkbooks: (row: WorkbooksWrite) => put(row, seen) }
    // Only the parts that a linked pair's merge touches are there; whatever else is asked for throws.
    return { deps: parts as unknown as SyncDeps, records: records as unknown as Work['records'] }
  }

  function take({ side, arrives, isDoubled }: Sync): readonly Waiting[] {
    // Only a few of our own writes are remembered: their echoes are not later than that.
    const late = waiting.filter((one) => one.isEcho && one.side === 'outreach').length
    const isTaken = (one: Waiting) =>
      one.side === side && (arrives(one.event) || (one.isEcho && late >= 3))
    const taken = waiting.filter(isTaken)
    if (isDoubled !== true) {
      const others = waiting.filter((one) => !isTaken(one))
      waiting.splice(0, waiting.length, ...others)
    }
    return taken
  }

  function versionOf(side: System): string {
    if (side === 'workbooks') return versionOfRow(systems.workbooksRecord())
    return fingerprintOf(kind.fingerprinted, systems.outreachRecord())
  }

  /** Whether it has to be tried again. */
  async function tryOnce(hint: Hint, tries: number): Promise<boolean> {
    const { deps, records: plain } = depsFor(systems.look(readMemory(memory)))
    const versions = makeNotedVersions()
    const records = notingRecords(plain, { kind, hint, versions })
    const work: Work = {
      ...{ kind, hint, records, tries, call: { lane: 'live' }, held: new Set() },
      hasWaited: true,
      ...{ signal: new AbortController().signal, calls: { count: 0 }, told: [], versions },
    }
    const ids = { kind: kind.name, workbooksId: '226', outreachId: '4101' }
    const state = { status: 'linked', closedWhy: null, madeFrom: 'neither' } as const
    const pair = { ...ids, ...state, idSeen: true, memory }
    const both = { pair, w: systems.workbooksRecord(), o: systems.outreachRecord() }
    const { kind: step } = await applyMerge(deps, work, both)
    if (step !== 'again') await deps.store.write(writeHandled(versions.unkept(), 0))
    return step === 'again'
  }

  async function sync(how: Sync): Promise<void> {
    const taken = take(how)
    const events = taken.map(({ event }) => event)
    const polled: HintEvent = {
      ...{ id: 'polled', origin: 'reconciliation', action: 'updated', changedAt: 0, before: {} },
      ...{ updatedAt: systems.updatedAt(how.side), changed: {}, links: {}, linksBefore: {} },
    }
    const id = how.side === 'workbooks' ? '226' : '4101'
    const about = { kind: kind.name, side: how.side, id }
    const hint = { ...about, events: events.length ? events : [polled] }
    fault = how.fault
    point = 0
    undone.add(how.side)
    try {
      for (let tries = 0; tries < 5; tries += 1) {
        if (await tryOnce(hint, tries)) continue
        undone.delete(how.side)
        break
      }
    } catch (error) {
      if (!(error instanceof Killed)) throw error
      // What was in hand comes again.
      waiting.push(...taken)
    }
    fault = undefined
  }

  return {
    counts,
    owed,
    conflicts,
    edit,
    valueOf,
    isQuiet: () => waiting.length === 0,
    memory: () => memory,
    /** An event of a person's edit that nobody ever hears. */
    lose(): void {
      const index = waiting.findIndex(({ isEcho }) => !isEcho)
      if (index !== -1) waiting.splice(index, 1)
    },
    sync,
    /** No webhook of this side ever comes: only a poller tells, and only what is not handled. */
    async poll(side: System, fault?: Fault): Promise<boolean> {
      waiting.splice(0)
      if (!undone.has(side) && versionOf(side) === handled.get(side)) return false
      await sync({ side, arrives: () => false, ...(fault === undefined ? {} : { fault }) })
      return true
    },
  }
}

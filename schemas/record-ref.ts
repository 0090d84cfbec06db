export type System = 'workbooks' | 'outreach'

export const systems = ['workbooks', 'outreach'] as const satisfies readonly System[]

/** One row in one system, e.g. `workbooks:organisation:226`; also the key of its events (product 4). */
export type RecordRef = `${System}:${string}:${string}`

export type RecordParts = {
  readonly system: System
  /** Singular, as the system spells it: `organisation`, `account`, `opportunityProspectRole`. */
  readonly type: string
  /** Decimal digits; both systems number their records. */
  readonly id: string
}

export function toRecordRef({ system, type, id }: RecordParts): RecordRef {
  return `${system}:${type}:${id}`
}

const form = /^(workbooks|outreach):([A-Za-z][A-Za-z0-9_-]*):(\d{1,19})$/

/** The parts of `text`, or undefined where it does not name a record. */
export function readRecordRef(text: string): RecordParts | undefined {
  const [, system, type, id] = form.exec(text) ?? []
  if (type === undefined || id === undefined) return undefined
  return { system: system === 'workbooks' ? 'workbooks' : 'outreach', type, id }
}

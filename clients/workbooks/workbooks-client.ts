import type { Call, Found } from '../call.ts'

export type WorkbooksRecord = {
  /** `crm/organisations`: the path that it was read from. */
  readonly controller: string
  readonly id: string
  readonly lockVersion: number
  /** As the answer has them, nested names in brackets: `main_location[town]`. */
  readonly columns: Readonly<Record<string, unknown>>
  readonly isDeleted: boolean
  /** Our clock (epoch ms) when the request that read it was sent. */
  readonly readAt: number
}

export type WorkbooksFilter = {
  readonly field: string
  /** `eq`, `ne`, `bg`, `ct`, `ge`, `blank`, `true`, … (workbooks-api 3.3). */
  readonly type: string
  /** A list is sent as one comma-separated criterion; commas inside values are escaped. */
  readonly value?: string | readonly string[]
}

export type WorkbooksQuery = {
  readonly columns: readonly string[]
  readonly filters: readonly WorkbooksFilter[]
  /** Boolean expression over 1-based filter numbers; all must hold by default. */
  readonly logic?: string
  readonly sort?: readonly { readonly column: string; readonly direction: 'ASC' | 'DESC' }[]
  readonly start?: number
  readonly limit?: number
}

export type WorkbooksWrite =
  | { readonly kind: 'create'; readonly columns: Readonly<Record<string, unknown>> }
  | {
      readonly kind: 'update'
      readonly id: string
      readonly lockVersion: number
      readonly columns: Readonly<Record<string, unknown>>
    }
  | { readonly kind: 'delete'; readonly id: string; readonly lockVersion: number }

/** What became of one row of a write; rows fail alone (`_per_object_transactions`). */
export type WorkbooksAnswer =
  | {
      readonly kind: 'written'
      readonly id: string
      readonly lockVersion: number
      /** All columns after a create, the changed ones after an update. */
      readonly columns: Readonly<Record<string, unknown>>
    }
  | { readonly kind: 'stale' }
  | { readonly kind: 'unseen' }
  | { readonly kind: 'refused'; readonly columns: readonly string[]; readonly message: string }
  /** The request may have been carried out: look before doing it again (rulebook 4). */
  | { readonly kind: 'unanswered'; readonly error: Error }

export type WorkbooksFieldInfo = {
  readonly name: string
  readonly datatype: string
  readonly isUpdateable: boolean
  readonly isCreateable: boolean
}

export type WorkbooksClient = {
  /** By id filter, live and deleted rows, 100 a call. Never `gone`: a deleted row is here, with `isDeleted`. */
  readonly readMany: (
    controller: string,
    what: { readonly ids: readonly string[]; readonly columns: readonly string[] },
    call: Call,
  ) => Promise<ReadonlyMap<string, Found<WorkbooksRecord>>>
  readonly page: (
    controller: string,
    query: WorkbooksQuery,
    call: Call,
  ) => Promise<readonly WorkbooksRecord[]>
  /** Every page of a query (by `_start`, sorted by id), to the end. */
  readonly search: (
    controller: string,
    query: WorkbooksQuery,
    call: Call,
  ) => Promise<readonly WorkbooksRecord[]>
  /** One answer a row, in their order; any number of rows, 100 a call. Throws only where nothing was sent. */
  readonly write: (
    controller: string,
    rows: readonly WorkbooksWrite[],
    call: Call,
  ) => Promise<readonly WorkbooksAnswer[]>
  /** Columns of a class by name; undefined where the metadata cannot be had. */
  readonly metadata: (
    className: string,
    call: Call,
  ) => Promise<ReadonlyMap<string, WorkbooksFieldInfo> | undefined>
  /** Workbooks' clock minus ours, in ms, by the newest answer's Date header; 0 before the first. */
  readonly clockOffsetMs: () => number
}

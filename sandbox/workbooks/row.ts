/** What a column holds inside: moments as epoch seconds, dates as `2025-10-03`, decimals and currencies as text. */
export type Stored = string | number | boolean | null | readonly (string | number)[]

export type Values = Readonly<Record<string, Stored>>

export type Row = {
  readonly id: number
  readonly lockVersion: number
  /** The number of the object reference, which is never the id (workbooks-api 8). */
  readonly ref: number
  readonly createdAt: number
  readonly createdBy: number
  readonly createdThrough: string
  readonly updatedAt: number
  readonly updatedBy: number
  readonly isDeleted: boolean
  readonly values: Values
}

export type User = { readonly id: number; readonly loginName: string; readonly personName: string }

/** Whoever writes: the API under an application's name, or a person in the Desktop. */
export type Author = {
  readonly userId: number
  readonly application: string
  readonly door: 'api' | 'desktop'
}

/** What reading a derived column may look at. */
export type Lookup = {
  readonly row: (controller: string, id: Stored | undefined) => Row | undefined
  readonly user: (id: number) => User | undefined
  readonly linkPrefix: string
}

export const isBlank = (value: Stored | undefined): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && !value.length)

/** Equal for the no-op rule; an empty text is as blank as nothing. */
export const isSame = (one: Stored | undefined, other: Stored | undefined): boolean =>
  (isBlank(one) && isBlank(other)) || JSON.stringify(one) === JSON.stringify(other)

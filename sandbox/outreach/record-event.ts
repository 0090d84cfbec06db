import type { Row } from './record-store.ts'

/** Something that happened to a record; without `before` and `after` it is a bare action event. */
export type RecordEvent = {
  readonly type: string
  readonly id: number
  readonly action: string
  readonly before?: Row
  readonly after?: Row
}

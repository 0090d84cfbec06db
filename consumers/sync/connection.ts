import type { System } from '../../schemas/record-ref.ts'

/** The moment of a kind's first connection, epoch seconds by each system's own clock (rulebook 3). */
export type Connection = Readonly<Record<System, number>>

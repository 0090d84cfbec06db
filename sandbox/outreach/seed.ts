import type { RecordWriter } from './record-writer.ts'

export type SeedUser = {
  readonly firstName: string
  readonly lastName: string
  /** `first.last` where it is absent. */
  readonly username?: string
  readonly email?: string
  readonly locked?: boolean
}

export const defaultUsers: readonly SeedUser[] = [
  { firstName: 'Amy', lastName: 'Archer' },
  { firstName: 'Ben', lastName: 'Booth' },
  { firstName: 'Cora', lastName: 'Crane', locked: true },
]

const named: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>> = {
  stage: ['New', 'Working', 'Qualified', 'Unresponsive', 'Customer'].map((name, order) => ({
    name,
    order,
  })),
  opportunityStage: [
    { name: 'Prospecting', order: 0 },
    { name: 'Discovery', order: 1 },
    { name: 'Proposal', order: 2 },
    { name: 'Negotiation', order: 3 },
    { name: 'Closed Won', order: 4, isClosed: true },
    { name: 'Closed Lost', order: 5, isClosed: true },
  ],
  taskPriority: [
    { name: 'Low', weight: 1 },
    { name: 'Normal', weight: 2 },
    { name: 'High', weight: 3 },
  ],
  persona: [{ name: 'Buyer' }, { name: 'Champion' }],
  callDisposition: [
    { name: 'Answered', outcome: 'Answered', order: 0 },
    { name: 'No answer', outcome: 'Not Answered', order: 1 },
  ],
  callPurpose: [{ name: 'Initial contact' }, { name: 'Follow-up' }],
  ruleset: [{ name: 'Default' }],
  team: [{ name: 'Sales' }],
  contentCategory: [{ name: 'General' }],
  duty: [{ name: 'Sales' }],
}

/** Gives a new org its users and the small tables that an administrator sets up first. */
export function seedRecords(users: readonly SeedUser[], writer: RecordWriter): void {
  const nobody = { userId: null, through: 'ui' } as const
  for (const { firstName, lastName, ...user } of users) {
    const username = user.username ?? `${firstName}.${lastName}`.toLowerCase()
    const email = user.email ?? `${username}@sandbox.example`
    const attributes = { firstName, lastName, username, email, locked: user.locked ?? false }
    const { id } = writer.create('user', { attributes, links: {} }, nobody)
    const links = { user: { type: 'user', id } }
    writer.create('mailbox', { attributes: { email }, links }, nobody)
  }
  for (const [type, rows] of Object.entries(named)) {
    for (const attributes of rows) writer.create(type, { attributes, links: {} }, nobody)
  }
}

/** What a pair is about (rulebook 1). */
export const kinds = ['organisation', 'person', 'opportunity', 'task'] as const

export type Kind = (typeof kinds)[number]

/** The Outreach record type of each kind. */
export const outreachTypes = {
  organisation: 'account',
  person: 'prospect',
  opportunity: 'opportunity',
  task: 'task',
} as const satisfies Record<Kind, string>

/** Something that a person does in one of the two systems. */
export type Doing = {
  /** Epoch ms. */
  readonly at: number
  readonly side: 'workbooks' | 'outreach'
  readonly what: 'person' | 'organisation'
  /** Which of the records, from 0 to 1. */
  readonly which: number
  /** Whether the sender loses what it should announce. */
  readonly isLost: boolean
}

export type Week = {
  /** A Monday, 00:00 UTC; epoch ms. */
  readonly start: number
  readonly people: number
  /** Of each person, on each of five days. */
  readonly editsADay: number
  /** Share of what the senders lose. */
  readonly lost: number
  /** 0 to 1. */
  readonly random: () => number
}

const hourMs = 3_600_000
const [opensAt, closesAt] = [8.5 * hourMs, 17.5 * hourMs]

/** What the people of one company do in a week, in its order: in office hours, on both sides alike. */
export function planWeek({ start, people, editsADay, lost, random }: Week): readonly Doing[] {
  const days = [0, 1, 2, 3, 4]
  const doings = days.flatMap((day) =>
    Array.from({ length: people * editsADay }, (): Doing => {
      const inDay = opensAt + random() * (closesAt - opensAt)
      return {
        at: Math.floor(start + day * 24 * hourMs + inDay),
        side: random() < 0.5 ? 'workbooks' : 'outreach',
        what: random() < 0.8 ? 'person' : 'organisation',
        which: random(),
        isLost: random() < lost,
      }
    }),
  )
  return doings.sort((one, other) => one.at - other.at)
}

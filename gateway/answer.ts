const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** What became of one delivery's events. `codes`: why, for each that was quarantined. */
export type Answer = {
  readonly accepted: number
  readonly quarantined: number
  readonly codes: readonly string[]
}

/** The answer to nearly every delivery; written and read once. */
const oneAccepted = { accepted: 1, quarantined: 0, codes: [] } as const satisfies Answer
const oneAcceptedBytes = encoder.encode('{"accepted":1,"quarantined":0}')

/** The answer on its way from `prepare` to the door. */
export function writeAnswer(accepted: number, codes: readonly string[]): Uint8Array {
  if (accepted === 1 && codes.length === 0) return oneAcceptedBytes
  const counts = { accepted, quarantined: codes.length }
  return encoder.encode(JSON.stringify(codes.length === 0 ? counts : { ...counts, codes }))
}

export function readAnswer(bytes: Uint8Array): Answer {
  if (Buffer.compare(bytes, oneAcceptedBytes) === 0) return oneAccepted
  // Ours: `writeAnswer` made it, in this product and of this version or one before.
  const { accepted, quarantined, codes = [] } = JSON.parse(decoder.decode(bytes)) as Partial<Answer>
  return { accepted: accepted ?? 0, quarantined: quarantined ?? 0, codes }
}

/** The body that the sender reads (product 3): the two numbers only. */
export function toAnswerBody({ accepted, quarantined }: Answer): string {
  return `{"accepted":${accepted},"quarantined":${quarantined}}`
}

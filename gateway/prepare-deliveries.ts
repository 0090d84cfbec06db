import { isUtf8 } from 'node:buffer'
import { hash } from 'node:crypto'
import type { Entry, Prepare } from '../event-log/event-log.ts'
import type { Quarantined } from '../schemas/quarantined.ts'
import { writeAnswer } from './answer.ts'
import { readFramedDelivery, type FramedDelivery } from './frame-delivery.ts'
import { normaliseDelivery } from './outreach/normalise-delivery.ts'
import { toEventEntry, toQuarantineEntry } from './to-entry.ts'
import type { NotUnderstood, Understood } from './understood.ts'
import { normaliseHints } from './workbooks/normalise-hints.ts'

/**
 * Framed deliveries in; entries, and the counts for the sender, out. Whatever the bytes are, each fact in
 * them is either an entry, or counted as known and without a topic: nothing verified is lost.
 */
export function makePrepare(): Prepare {
  return (raw) => {
    const delivery = readFramedDelivery(raw)
    if (delivery === undefined) return toPrepared([notFramed(raw)], { ...nowhere, body: raw })
    return toPrepared(understand(delivery), delivery)
  }
}

type Origin = Omit<FramedDelivery, 'source'> & { readonly source: Quarantined['from'] }

/** Where nothing can be known: the epoch, and a trace that nobody began. */
const nowhere = {
  source: 'unknown',
  receivedAt: 0,
  traceparent: `00-${'0'.repeat(31)}1-${'0'.repeat(15)}1-00`,
} as const

function toPrepared(
  results: readonly (Understood | NotUnderstoodBytes)[],
  delivery: Origin,
): ReturnType<Prepare> {
  const entries: Entry[] = []
  const codes: string[] = []
  for (const understood of results) {
    if (understood.kind === 'counted') continue
    const kept = understood.kind === 'event' ? toEntryOrWhyNot(understood) : understood
    if ('topic' in kept) entries.push(kept)
    else {
      entries.push(toQuarantineEntry(kept, delivery))
      codes.push(kept.code)
    }
  }
  return { entries, answer: writeAnswer(results.length - codes.length, codes) }
}

function toEntryOrWhyNot(event: Extract<Understood, { kind: 'event' }>): Entry | NotUnderstood {
  try {
    return toEventEntry(event)
  } catch {
    // JSON that is nested thousands deep can be read, but not written again.
    const reason = 'the body is nested too deep'
    return { kind: 'not-understood', code: 'malformed', reason, bodyText: event.nativeText }
  }
}

type NotUnderstoodBytes = NotUnderstood & { readonly bodyBytes: Uint8Array }

function understand(delivery: FramedDelivery): readonly (Understood | NotUnderstoodBytes)[] {
  const { source, receivedAt, traceparent, body } = delivery
  if (!isUtf8(body)) {
    const reason = 'the body is not UTF-8'
    return [{ kind: 'not-understood', code: 'not-utf-8', reason, bodyText: '', bodyBytes: body }]
  }
  const text = toText(body)
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    const reason = text.trim() === '' ? 'the body is empty' : 'the body is not JSON'
    return [{ kind: 'not-understood', code: 'not-json', reason, bodyText: text }]
  }
  const arrived = { text, receivedAt, traceparent, bodyHash: () => hash('sha256', body, 'hex') }
  return source === 'outreach'
    ? [normaliseDelivery(parsed, arrived)]
    : normaliseHints(parsed, arrived)
}

/** The text without a byte order mark, which JSON.parse does not take. */
function toText(body: Uint8Array): string {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length)
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  return bytes.toString('utf8', hasMark ? 3 : 0)
}

function notFramed(raw: Uint8Array): NotUnderstoodBytes {
  return {
    kind: 'not-understood',
    code: 'not-framed',
    reason: 'the bytes were not framed by the gateway',
    bodyText: '',
    bodyBytes: raw,
  }
}

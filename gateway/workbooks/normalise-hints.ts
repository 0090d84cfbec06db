import { createHash } from 'node:crypto'
import { toRecordRef } from '../../schemas/record-ref.ts'
import {
  topicOfWorkbooksResource,
  toSchemaId,
  workbooksWithoutTopic,
} from '../../schemas/topics.ts'
import { validateHook } from '../../schemas/workbooks/validate-hook.ts'
import { validateNativeItem } from '../../schemas/workbooks/validate-native-item.ts'
import { toIsoTime } from '../to-iso-time.ts'
import { toRecordId } from '../to-record-id.ts'
import type { Arrived, Understood } from '../understood.ts'
import { readTime } from './read-time.ts'
import { splitArray } from './split-array.ts'

type Columns = Readonly<Record<string, unknown>>
type Hint = {
  readonly resource: string
  readonly action: string
  readonly id: unknown
  readonly columns: Columns
}

/** More than a body of plausible hints holds: such an array is kept as one. */
const mostElements = 10_000

/** An event for each hint: native webhooks and our change hook, alone or in an array, even mixed. */
export function normaliseHints(body: unknown, arrived: Arrived): readonly Understood[] {
  if (!Array.isArray(body)) return [normaliseHint(body, arrived.text, arrived)]
  const elements: readonly unknown[] = body
  if (elements.length > mostElements) {
    const reason = `an array of ${elements.length} elements; at most ${mostElements} are taken`
    return [{ kind: 'not-understood', code: 'too-many', reason, bodyText: arrived.text }]
  }
  const texts = splitArray(arrived.text)
  return elements.map((element, index) => normaliseHint(element, texts[index] ?? 'null', arrived))
}

function normaliseHint(element: unknown, text: string, arrived: Arrived): Understood {
  const read = readHint(element)
  if (read.kind === 'malformed') {
    return { kind: 'not-understood', code: 'malformed', reason: read.why, bodyText: text }
  }
  const { hint } = read
  const topic = topicOfWorkbooksResource.get(hint.resource)
  if (topic === undefined) {
    if (workbooksWithoutTopic.has(hint.resource)) return { kind: 'counted' }
    const reason = `no resource "${hint.resource}" is known`
    return { kind: 'not-understood', code: 'unknown-resource', reason, bodyText: text }
  }
  const id = toRecordId(hint.id)
  if (id === undefined) {
    const reason = 'id must be a whole number above 0'
    return { kind: 'not-understood', code: 'malformed', reason, bodyText: text }
  }

  const { resource, action, columns } = hint
  const type = `workbooks.${resource}.${action}`
  return {
    kind: 'event',
    topic,
    event: {
      specversion: '1.0',
      id: `${type}/${id}/${versionOf(columns, text)}`,
      source: '/workbooks',
      type,
      subject: id,
      time: timeOf(columns, arrived),
      dataschema: toSchemaId(topic),
      datacontenttype: 'application/json',
      partitionkey: toRecordRef({ system: 'workbooks', type: resource, id }),
      origin: 'webhook',
      traceparent: arrived.traceparent,
      data: {
        action,
        record: { type: resource, id },
        changed: columns,
        before: {},
        links: toLinks(columns),
      },
    },
    nativeText: text,
  }
}

type HintRead =
  | { readonly kind: 'read'; readonly hint: Hint }
  | { readonly kind: 'malformed'; readonly why: string }

function readHint(element: unknown): HintRead {
  if (typeof element === 'object' && element !== null && 'resource' in element) {
    const validated = validateHook(element)
    if (validated.kind === 'invalid') return { kind: 'malformed', why: validated.why }
    const { resource, event, id, ...columns } = validated.value
    return { kind: 'read', hint: { resource, action: event, id, columns } }
  }
  const validated = validateNativeItem(element)
  if (validated.kind === 'invalid') return { kind: 'malformed', why: validated.why }
  const [[resource, columns] = ['', {}]] = Object.entries(validated.value)
  // Every native trigger that is known tells of a new record (workbooks-api 12.1).
  return { kind: 'read', hint: { resource, action: 'created', id: columns['id'], columns } }
}

/** What tells two facts about one record apart. */
function versionOf(columns: Columns, text: string): string {
  const { lock_version: lockVersion, updated_at: updatedAt, created_at: createdAt } = columns
  for (const [value, print] of [
    [lockVersion, String],
    [updatedAt, readTimeOrText],
    [createdAt, readTimeOrText],
  ] as const) {
    if (typeof value === 'number' || (typeof value === 'string' && value !== '')) {
      return print(value)
    }
  }
  // Nothing tells but the words themselves, which are the same when the sender tries again.
  return createHash('sha256').update(text).digest('hex')
}

function readTimeOrText(value: string | number): string {
  return readTime(value) ?? String(value)
}

function timeOf(columns: Columns, { receivedAt }: Arrived): string {
  return (
    readTime(columns['updated_at']) ??
    readTime(columns['created_at']) ??
    toIsoTime(receivedAt) ??
    '1970-01-01T00:00:00Z'
  )
}

/** Columns that hold the id of one other record. */
const linkColumns = ['assigned_to', 'employer_link', 'owner_id', 'party_id', 'primary_contact_id']

function toLinks(columns: Columns): Readonly<Record<string, string | null>> {
  const links = linkColumns.flatMap((name) => {
    if (!Object.hasOwn(columns, name)) return []
    const value = columns[name]
    const id = value === null || value === '' || value === 0 ? null : toRecordId(value)
    return id === undefined ? [] : [[name, id] as const]
  })
  return Object.fromEntries(links)
}

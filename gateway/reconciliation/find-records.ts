import { createHash } from 'node:crypto'
import type { OutreachRecord } from '../../clients/outreach/outreach-client.ts'
import { fingerprintOf } from '../../schemas/fingerprint.ts'
import type { PolledResource } from '../../schemas/polling.ts'
import { readRecordRef, toRecordRef } from '../../schemas/record-ref.ts'
import type { PublishedVersion, RecordVersion, Versions } from '../../state/versions.ts'
import { normaliseRecord } from '../outreach/normalise-record.ts'
import type { Found } from './found.ts'

/** Epoch seconds of a record's last change, by Outreach's clock; 0 where it does not say. */
export function timeOfRecord({ attributes }: OutreachRecord): number {
  const { updatedAt } = attributes
  const at = typeof updatedAt === 'string' ? Date.parse(updatedAt) : Number.NaN
  return Number.isNaN(at) ? 0 : Math.floor(at / 1000)
}

type News = { readonly record: OutreachRecord; readonly version: PublishedVersion }

/** Those whose version is neither handled nor in the log, each once. */
export async function onlyNewRecords(
  versions: Versions,
  resource: PolledResource,
  records: readonly OutreachRecord[],
): Promise<readonly News[]> {
  const byId = new Map(records.map((record) => [record.id, record]))
  const known = await versions.read('outreach', resource.type, [...byId.keys()])
  return [...byId.values()].flatMap((record) => {
    const version = versionOf(resource, record)
    const { handled, published, handlings = 0 } = known.get(record.id) ?? {}
    if (version === handled || version === published) return []
    const { type, id } = record
    return [{ record, version: { system: 'outreach', type, id, version, handlings } }]
  })
}

/**
 * A part is never handled by itself, so that nothing takes back what was published of it: one that
 * changes and changes back is told apart by its time.
 */
function versionOf(resource: PolledResource, record: OutreachRecord): string {
  const fingerprint = fingerprintOf(resource, record)
  return resource.about === undefined ? fingerprint : `${fingerprint}@${timeOfRecord(record)}`
}

type As = { readonly foundAt: number; readonly traceparent: () => string }

/** One find for each record that they are about. */
export function toFoundRecords(
  resource: PolledResource,
  news: readonly News[],
  as: As,
): readonly Found[] {
  const byRecord = new Map<string, News[]>()
  for (const one of news) {
    const id = resource.about === undefined ? one.record.id : one.record.links[resource.about.link]
    if (id === null || id === undefined) continue
    const list = byRecord.get(id) ?? []
    list.push(one)
    byRecord.set(id, list)
  }
  return [...byRecord].flatMap(([id, list]) => toFound(resource, { id, list }, as) ?? [])
}

type About = { readonly id: string; readonly list: readonly News[] }

function toFound(resource: PolledResource, { id, list }: About, as: As): Found | undefined {
  const latest = list.toSorted((one, two) => timeOfRecord(two.record) - timeOfRecord(one.record))[0]
  if (latest === undefined) return undefined
  const about = { type: resource.about?.type ?? resource.type, id }
  const ref = toRecordRef({ system: 'outreach', ...about })
  if (readRecordRef(ref) === undefined) return undefined
  const published = list.map(({ version, record }) => ({
    ...version,
    changedAt: timeOfRecord(record),
  }))
  const version = resource.about === undefined ? latest.version.version : toJoined(published)
  const { foundAt, traceparent } = as
  const told = { about, version, foundAt, traceparent: traceparent() }
  const entry = normaliseRecord(latest.record, told)
  if (entry === undefined) return undefined
  const changedAt = timeOfRecord(latest.record)
  return { ref, resource: resource.type, version, published, changedAt, foundAt, entry }
}

/** The versions of several parts, told as one. */
function toJoined(versions: readonly RecordVersion[]): string {
  const parts = versions.map(({ type, id, version }) => `${type}:${id}:${version}`).sort()
  return createHash('sha256').update(parts.join(' ')).digest('base64url').slice(0, 22)
}

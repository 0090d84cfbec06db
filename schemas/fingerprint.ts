import { createHash } from 'node:crypto'
import type { Fingerprinted } from './polling.ts'

type Told = {
  readonly attributes: Readonly<Record<string, unknown>>
  readonly links: Readonly<Record<string, string | null>>
}

type Identified = { readonly id: string }

/**
 * The version of an Outreach record, which tells no number of its own: the same wherever what is mapped
 * is the same, whether a list, a GET or an answer told it. Missing, null, '' and [] are one.
 */
export function fingerprintOf({ attributes, links }: Fingerprinted, record: Told): string {
  const told = [toEntries(attributes, record.attributes), toEntries(links, record.links)]
  return toHash(JSON.stringify(told))
}

/**
 * The version of all rows that belong to one record, whatever their order: nothing else tells that one of
 * them is gone. A row that does not name all that it relates is none.
 */
export function versionOfSet(fingerprinted: Fingerprinted, rows: readonly (Told & Identified)[]) {
  const told = rows
    .filter(({ links }) => fingerprinted.links.every((name) => typeof links[name] === 'string'))
    .map((row) => `${row.id}:${fingerprintOf(fingerprinted, row)}`)
  return toHash([...new Set(told)].sort().join(' '))
}

/** What such a version is kept by, beside the id of the record that the rows belong to. */
export function typeOfSet({ type }: { readonly type: string }): string {
  return `${type}-set`
}

function toHash(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, lengthOf128Bits)
}

/** Six bits a character. */
const lengthOf128Bits = 22

type Entry = readonly [name: string, value: unknown]

function toEntries(
  names: readonly string[],
  values: Readonly<Record<string, unknown>>,
): readonly Entry[] {
  return [...new Set(names)].sort().flatMap((name): readonly Entry[] => {
    const value = toCanonical(values[name])
    return value === undefined ? [] : [[name, value]]
  })
}

/** Undefined: blank. */
function toCanonical(raw: unknown): unknown {
  if (raw === undefined || raw === null) return undefined
  if (typeof raw === 'string') return raw.trim() === '' ? undefined : raw.trim()
  if (Array.isArray(raw)) {
    const items: readonly unknown[] = raw
    const told = items.map(toCanonical).filter((item) => item !== undefined)
    return told.length === 0 ? undefined : told
  }
  if (typeof raw !== 'object') return raw
  const values = { ...raw }
  const told = toEntries(Object.keys(values), values)
  return told.length === 0 ? undefined : told
}

import { toText } from '../fields/record-values.ts'
import { readMemory } from '../merge/memory.ts'
import type { PairMerge } from './merge-pair.ts'
import type { SyncDeps, Work } from './work.ts'

/** What the kind writes beside its fields, as far as it does not stand there already. */
export function toEntailed(
  { kind }: Work,
  { pair, w, values }: PairMerge,
): Readonly<Record<string, unknown>> {
  const { agreed } = readMemory(pair.memory)
  const before = Object.fromEntries(Object.entries(agreed).map(([name, { o }]) => [name, o]))
  const { columns } = kind
  const wanted = kind.entailedColumns?.({ o: values.o, before, columns }) ?? {}
  return Object.fromEntries(
    Object.entries(wanted).filter(([name, value]) => w.columns[name] !== value),
  )
}

/** Outreach Id and URL, where a create could not write them back (rulebook 4). */
export function writeBack(
  { settings }: SyncDeps,
  { kind }: Work,
  { pair, w }: PairMerge,
): Readonly<Record<string, unknown>> {
  const { outreachId } = kind.columns
  // A column that our user is not shown cannot be seen to be missing.
  if (!(outreachId in w.columns) || toText(w.columns[outreachId]) === pair.outreachId) return {}
  return toWriteBack(settings.outreachWebUrl, kind, pair.outreachId)
}

export function toWriteBack(
  webUrl: string,
  { columns, outreach }: Work['kind'],
  outreachId: string,
): Readonly<Record<string, unknown>> {
  return {
    [columns.outreachId]: outreachId,
    [columns.outreachUrl]: `${webUrl}/${outreach.webPath}/${outreachId}`,
  }
}

import { sentenceOf } from '../../runtime/errors.ts'
import type { Prepare } from '../event-log.ts'
import { toLabelled } from './log-store.ts'
import type { Labelled, LogStore } from './log-store.ts'
import type { Group, GroupKept } from './messages.ts'
import { packParcel, unpackParcel } from './parcel.ts'

type Deps = { readonly store: LogStore; readonly prepare: Prepare | undefined }

const NOTHING = new Uint8Array()

/** Prepares and keeps a whole group in one commit; a raw that cannot be prepared fails alone. */
export function keepGroup(
  { store, prepare }: Deps,
  { raws, labels, values, marks, keptAt }: Group,
): GroupKept {
  const appended = unpackParcel(values)
  const entries: Labelled[] = labels.map((label, index) => ({
    ...label,
    value: appended[index] ?? NOTHING,
  }))
  const answers: Uint8Array[] = []
  const failures: { index: number; why: string }[] = []
  for (const [index, raw] of unpackParcel(raws).entries()) {
    try {
      if (prepare === undefined) throw new Error('no prepare module was given to this log')
      const prepared = prepare(raw)
      for (const entry of prepared.entries) entries.push(toLabelled(entry))
      answers.push(prepared.answer)
    } catch (error) {
      failures.push({ index, why: sentenceOf(error) })
      answers.push(NOTHING)
    }
  }
  const { offsets, heads } = store.keepGroup({ entries, marks, keptAt })
  return {
    answers: packParcel(answers),
    failures,
    offsets: offsets.slice(0, labels.length),
    heads,
  }
}

import assert from 'node:assert/strict'
import { toPollings } from '../consumers/to-pollings.ts'
import { fingerprintOf } from '../schemas/fingerprint.ts'
import { readRecordRef, type RecordRef } from '../schemas/record-ref.ts'
import { versionOfRow } from '../schemas/row-version.ts'
import type { StateStore } from '../state/state-store.ts'
import { makeVersions } from '../state/versions.ts'
import { startHouse, type House, type HouseOptions } from './start-house.ts'

/** A house whose memory of handled versions can be looked at; its mapping is the default one. */
export type WatchedHouse = House & {
  /** The version of a record that the sync has handled; undefined: none. */
  readonly handled: (record: RecordRef) => Promise<string | undefined>
  /** Its version as it stands in its system now, computed as a poller does. */
  readonly current: (record: RecordRef) => string
  readonly isHandled: (record: RecordRef) => Promise<boolean>
}

/** `fetch` stands between the product and both systems. */
export async function startWatchedHouse(
  options: HouseOptions & { readonly fetch?: typeof globalThis.fetch } = {},
): Promise<WatchedHouse> {
  let store: StateStore | undefined
  const { fetch, ...rest } = options
  const house = await startHouse({
    ...rest,
    overrides: {
      ...(fetch === undefined ? {} : { fetch }),
      wrapState: (opened) => (store = opened),
    },
  })
  const handled = async (record: RecordRef) => {
    assert.ok(store)
    const { system, type, id } = toParts(record)
    return (await makeVersions(store).read(system, type, [id])).get(id)?.handled ?? undefined
  }
  const current = (record: RecordRef) => versionNow(house, record)
  return {
    ...house,
    handled,
    current,
    isHandled: async (record) => (await handled(record)) === current(record),
  }
}

function toParts(record: RecordRef) {
  const parts = readRecordRef(record)
  assert.ok(parts, `${record} names no record`)
  return parts
}

const lists: Readonly<Record<string, string>> = {
  organisation: 'organisations',
  person: 'people',
  opportunity: 'opportunities',
}

function versionNow(house: House, record: RecordRef): string {
  const { system, type, id } = toParts(record)
  if (system === 'workbooks') {
    const row = house.workbooks.person.read(lists[type] ?? type, Number(id))
    assert.ok(row, `${record} is not there`)
    const lockVersion = Number(row['lock_version'])
    return versionOfRow({ lockVersion, isDeleted: row['is_deleted'] === true })
  }
  const found = house.outreach.person.read(type, Number(id))
  const resource = toPollings({})
    .flatMap(({ outreach }) => outreach)
    .find((one) => one.type === type)
  assert.ok(found && resource, `${record} is not there`)
  const links = Object.entries(found.links).map(
    ([name, link]) => [name, link === null ? null : String(link.id)] as const,
  )
  return fingerprintOf(resource, { ...found, links: Object.fromEntries(links) })
}

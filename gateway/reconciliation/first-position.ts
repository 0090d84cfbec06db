import type { WorkbooksClient } from '../../clients/workbooks/workbooks-client.ts'
import type { Call } from '../../clients/call.ts'
import type { Polling } from '../../schemas/polling.ts'
import { versionOfRow } from '../../schemas/row-version.ts'
import type { RecordVersion } from '../../state/versions.ts'
import { timeOfRow } from './find-rows.ts'
import { rowsPerPage, toWorkbooksQuery } from './workbooks-query.ts'

type Deps = {
  readonly workbooks: Pick<WorkbooksClient, 'page'>
}

type Asked = {
  readonly polling: Polling
  /** First connection, epoch seconds by Workbooks' clock. */
  readonly connectedAt: number
  readonly call: Call
}

export type FirstPosition = {
  /** Epoch seconds, by Workbooks' clock. */
  readonly floor: number
  /** As they stood in the second of first connection: their bulk read remembers them, not the poller. */
  readonly asTheyStand: readonly RecordVersion[]
}

/**
 * Where the polling of Workbooks begins: at first connection, by Workbooks' clock. What was linked and
 * changed before it is read once, in bulk (rulebook 3); a second is too coarse to tell before from after,
 * so the versions of the latest rows do.
 */
export async function findFirstPosition(
  { workbooks }: Deps,
  { polling, connectedAt: connected, call }: Asked,
): Promise<FirstPosition> {
  const { controller, type } = polling.workbooks
  const query = toWorkbooksQuery(polling.workbooks, { kind: 'linked' })
  const rows = await workbooks.page(controller, query, call)
  const [latest, ...others] = rows.map(timeOfRow)
  if (latest === undefined) return { floor: connected, asTheyStand: [] }
  // Where their records lag behind their Date header, what they bear next may lie before it.
  const floor = Math.min(latest, connected)
  const isCut = rows.length === rowsPerPage && others.every((time) => time >= floor)
  // Too many for one second to be anybody's edits.
  if (isCut) return { floor: floor + 1, asTheyStand: [] }
  const asTheyStand = rows.filter((row) => {
    const time = timeOfRow(row)
    return time >= floor && time <= connected
  })
  return {
    floor,
    asTheyStand: asTheyStand.map((row) => ({
      ...{ system: 'workbooks', type, id: row.id },
      version: versionOfRow(row),
    })),
  }
}

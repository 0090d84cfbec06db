import { CallFailed, SetupFault } from '../errors.ts'
import { toElements, toMembers, toText, type Members } from '../http/to-members.ts'
import type { WorkbooksReply } from './make-workbooks-call.ts'
import { toProblemText } from './to-problems.ts'
import { isBlank, readBoolean } from './wire-values.ts'
import type { WorkbooksRecord } from './workbooks-client.ts'

/** The rows of a list answer; throws where it is none, so that nobody mistakes it for an empty one. */
export function toRows({ body }: WorkbooksReply, controller: string): readonly Members[] {
  const about = { system: 'workbooks', status: 200 } as const
  const problem = toProblemText(body)
  if (body['success'] === false || problem !== '') {
    throw new SetupFault(`workbooks: GET ${controller} was refused: ${problem}`, {
      ...about,
      mend: `look at the columns and filters that are asked of ${controller}`,
    })
  }
  const { data } = body
  if (toText(toMembers(data)['id']) !== undefined) return [toMembers(data)]
  const rows = toElements(data).map(toMembers)
  const isList = Array.isArray(data) || rows.length > 0
  if (isList || (readBoolean(body['success']) && isEmpty(data))) return rows
  throw new CallFailed(`workbooks: GET ${controller} was answered without rows`, about)
}

const isEmpty = (data: unknown) => isBlank(data) || Object.keys(toMembers(data)).length === 0

/** The record of one row; undefined where it has no id. */
export function toWorkbooksRecord(
  controller: string,
  row: Members,
  readAt: number,
): WorkbooksRecord | undefined {
  const id = toText(row['id'])
  if (id === undefined || id === '') return undefined
  const lockVersion = Number(toText(row['lock_version']) ?? 0)
  const isDeleted = readBoolean(row['is_deleted'])
  return { controller, id, lockVersion, columns: row, isDeleted, readAt }
}

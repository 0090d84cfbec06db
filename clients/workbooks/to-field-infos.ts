import { toMembers, toText } from '../http/to-members.ts'
import { readBoolean } from './wire-values.ts'
import type { WorkbooksFieldInfo } from './workbooks-client.ts'

/**
 * The fields of one class in an answer of `metadata/types`, by their names; undefined where there are
 * none. No answer of it is published, so each likely shape is read: rows in `data`, in `types` or bare;
 * fields as a list or by name.
 */
export function toFieldInfos(
  json: unknown,
  className: string,
): ReadonlyMap<string, WorkbooksFieldInfo> | undefined {
  const { data, types } = toMembers(json)
  const lists = [data, types, toMembers(data)['types'], json]
  const rows = lists.flatMap((list) => [list, ...Object.values(toMembers(list))]).map(toMembers)
  const infos = rows
    .filter((row) => row['class_name'] === className)
    .flatMap(({ fields }) => Object.entries(toMembers(fields)))
    .flatMap(([key, field]) => toFieldInfo(key, field))
  return infos.length === 0 ? undefined : new Map(infos.map((info) => [info.name, info]))
}

function toFieldInfo(key: string, field: unknown): readonly WorkbooksFieldInfo[] {
  const members = toMembers(field)
  const name = toText(members['name']) ?? (/^\d+$/.test(key) ? undefined : key)
  if (name === undefined) return []
  // What the metadata does not forbid is allowed: the write itself would say no.
  const isAllowed = (flag: unknown) => flag === undefined || flag === null || readBoolean(flag)
  return [
    {
      name,
      datatype: toText(members['datatype']) ?? toText(field) ?? 'string',
      isUpdateable: isAllowed(members['is_updateable']),
      isCreateable: isAllowed(members['is_createable']),
    },
  ]
}

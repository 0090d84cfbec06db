import { storedColumn } from './column.ts'
import type { Column } from './column.ts'
import type { Database } from './database.ts'
import { resources } from './resources.ts'
import type { Resource } from './resources.ts'
import type { Row } from './row.ts'
import type { Datatype } from './wire-values.ts'

/** Which record types there are and which columns each has, the customer's own fields among them. */
export type Catalogue = {
  readonly resource: (controller: string) => Resource | undefined
  readonly byClass: (className: string) => Resource | undefined
  readonly resources: readonly Resource[]
  readonly columns: (controller: string) => ReadonlyMap<string, Column>
}

const customFields = 'admin/custom_fields'

const datatypes: Readonly<Record<string, Datatype>> = {
  boolean: 'boolean',
  string: 'string',
  text: 'text',
  uri: 'uri',
  picklist: 'string',
  date: 'date',
  datetime: 'datetime',
  decimal: 'decimal',
  percentage: 'decimal',
  integer: 'integer',
  currency: 'currency',
  iframe: 'string',
}

const toColumn = (field: Row): Column => ({
  ...storedColumn(
    String(field.values['value_column_name']),
    datatypes[String(field.values['data_type'])] ?? 'string',
  ),
  title: String(field.values['title']),
})

/** `omitted`: columns that this customer's database lacks. */
export const makeCatalogue = (
  database: Pick<Database, 'rows' | 'versionOf'>,
  omitted: readonly string[],
): Catalogue => {
  const byController = new Map(resources.map((resource) => [resource.controller, resource]))
  const cache = new Map<string, ReadonlyMap<string, Column>>()
  let cachedVersion = -1

  const build = (controller: string): ReadonlyMap<string, Column> => {
    const resource = byController.get(controller)
    const custom = database
      .rows(customFields)
      .filter((row) => !row.isDeleted && row.values['resource_type'] === resource?.className)
      .map(toColumn)
    const all = [...(resource?.columns ?? []), ...custom]
    return new Map(
      all.filter(({ name }) => !omitted.includes(name)).map((column) => [column.name, column]),
    )
  }

  return {
    resources,
    resource: (controller) => byController.get(controller),
    byClass: (className) => resources.find((one) => one.className === className),
    columns: (controller) => {
      const version = database.versionOf(customFields)
      if (version !== cachedVersion) cache.clear()
      cachedVersion = version
      const found = cache.get(controller) ?? build(controller)
      cache.set(controller, found)
      return found
    },
  }
}

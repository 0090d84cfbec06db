import { json } from './answer.ts'
import type { Answer } from './answer.ts'
import type { Catalogue } from './catalogue.ts'
import type { Column } from './column.ts'
import type { Parameters } from './parameters.ts'
import type { Resource } from './resources.ts'

const describeField = (column: Column): object => ({
  name: column.name,
  title: column.title,
  datatype: column.datatype,
  required: column.isRequired,
  is_createable: column.isCreateable,
  is_updateable: column.isUpdateable,
  is_filterable: true,
  is_nullable: !column.isRequired && column.datatype !== 'boolean',
  default_value: column.initial,
  ...(column.picklist === undefined
    ? {}
    : { picklist: { class_name: 'Private::PicklistEntry', title: column.picklist } }),
  ...(column.linksTo.length === 0
    ? {}
    : { linked_item: { path: column.linksTo[0], value_field: 'id', display_field: 'name' } }),
})

const spaced = (className: string): string =>
  className.replace(/.*::/, '').replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter}`)

const describe = (
  resource: Pick<Resource, 'className' | 'controller'>,
  columns: Iterable<Column>,
): Readonly<Record<string, unknown>> => ({
  class_name: resource.className,
  base_class_name: resource.className,
  human_class_name: spaced(resource.className),
  human_class_name_plural: `${spaced(resource.className)}s`,
  human_class_description: null,
  instances_described_by: 'name',
  icon: null,
  help_url: null,
  controller_path: resource.controller,
  fields: [...columns].map(describeField),
  associations: [],
  actions: ['index', 'show', 'create', 'update', 'destroy'],
})

// Full-text search is not simulated; its class is listed because the official example asks for it.
const searchable = { className: 'Private::Searchable', controller: 'searchables' }

/** `metadata/types.api`: record types and their columns, custom ones too (workbooks-api 3.5). */
export const listTypes = (parameters: Parameters, catalogue: Catalogue): Answer => {
  const wanted = parameters.all('class_names')
  const selected = parameters.all('_select_columns')
  const types = [...catalogue.resources, searchable]
    .filter(({ className }) => wanted.length === 0 || wanted.includes(className))
    .map((resource) => describe(resource, catalogue.columns(resource.controller).values()))
    .map((whole) =>
      selected.length === 0
        ? whole
        : Object.fromEntries(selected.map((name) => [name, whole[name] ?? null])),
    )
  return json({ success: true, data: types, total: types.length })
}

import type { KindDefinition } from './kind.ts'
import { opportunity } from './opportunity.ts'
import { organisation } from './organisation.ts'
import { person } from './person.ts'

/** Every kind of record that is kept in step; a new kind is one file and one line here. */
export const kindDefinitions: readonly KindDefinition[] = [organisation, person, opportunity]

import { inject } from 'vitest'
import './open-shared-stores.ts'
import { useSharedStores } from './shared-stores.ts'

// Read before each test file of the project `real`: its houses stand on Kafka and PostgreSQL.
useSharedStores(inject('sharedStores'))

// Each house is four products in this one process, and each of them listens for its signals.
process.setMaxListeners(100)

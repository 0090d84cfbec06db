import type { Migration } from './migrations.ts'

/** What a store is shaped by while the contract is tried on it. */
export const contractMigrations: readonly Migration[] = [
  {
    id: 'contract-1',
    statements: [
      'CREATE TABLE things (id TEXT PRIMARY KEY, n BIGINT, note TEXT)',
      'CREATE TABLE seen (id TEXT PRIMARY KEY, n BIGINT NOT NULL)',
    ],
  },
]

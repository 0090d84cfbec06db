import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbeddedState } from './embedded-state.ts'
import { migrations } from './schema.ts'
import { backfillsContract } from './backfills.contract.ts'

backfillsContract({
  name: 'the embedded state',
  open: async () => {
    const dir = await mkdtemp(join(tmpdir(), 'backfills-'))
    const store = await openEmbeddedState({ dir, migrations })
    const close = async () => {
      await store[Symbol.asyncDispose]()
      await rm(dir, { recursive: true, force: true })
    }
    return { store, close }
  },
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbeddedState } from './embedded-state.ts'
import { migrations } from './schema.ts'
import { versionsContract } from './versions.contract.ts'

versionsContract({
  name: 'the embedded state',
  open: async () => {
    const dir = await mkdtemp(join(tmpdir(), 'versions-'))
    const store = await openEmbeddedState({ dir, migrations })
    const close = async () => {
      await store[Symbol.asyncDispose]()
      await rm(dir, { recursive: true, force: true })
    }
    return { store, close }
  },
})

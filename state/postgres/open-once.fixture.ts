// A process for the test of ten that start at once: it opens the state when it is told to.
import { openPostgresState } from '../postgres-state.ts'
import { migrations } from '../schema.ts'

const [, , url = ''] = process.argv
process.once('message', () => void open())
process.send?.('ready')

async function open() {
  try {
    const store = await openPostgresState({ url, migrations })
    const rows = await store.read({ sql: 'SELECT id FROM migrations ORDER BY place' })
    await store[Symbol.asyncDispose]()
    process.send?.(rows.map(({ id }) => id))
  } catch (error) {
    process.send?.(String(error))
  }
  process.disconnect()
}

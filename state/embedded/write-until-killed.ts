// A process for the kill -9 test of the embedded state: it writes until it is killed.
import { appendFileSync } from 'node:fs'
import { openEmbeddedState } from '../embedded-state.ts'
import { contractMigrations } from '../contract-migrations.ts'

const [, , dir = '', acknowledged = '', round = '0'] = process.argv
const store = await openEmbeddedState({ dir, migrations: contractMigrations })

async function writeOn(writer: number) {
  for (let n = 0; ; n++) {
    const id = `${round}-${writer}-${n}`
    await store.write([
      { sql: 'INSERT INTO things (id, n) VALUES ($1, $2)', params: [id, n] },
      { sql: 'INSERT INTO seen (id, n) VALUES ($1, $2)', params: [id, n] },
    ])
    appendFileSync(acknowledged, `${id}\n`)
    if (writer === 0 && n === 50) process.send?.('busy')
  }
}
await Promise.all(Array.from({ length: 10 }, (_, writer) => writeOn(writer)))

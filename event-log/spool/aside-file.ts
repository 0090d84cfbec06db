import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Held } from './spool.ts'

/** A line of JSON for each event that the log refused for good; its value in base64. */
export async function openAside(dir: string, now: () => number) {
  const file = join(dir, 'aside.jsonl')
  let count = await countLines(file)
  return {
    add: async ({ topic, key, value, headers, heldAt }: Held, why: string): Promise<void> => {
      const line = {
        at: new Date(now()).toISOString(),
        why,
        topic,
        key,
        headers,
        heldAt: new Date(heldAt).toISOString(),
        value: Buffer.from(value).toString('base64'),
      }
      await appendFile(file, `${JSON.stringify(line)}\n`, { flush: true, mode: 0o600 })
      count++
    },
    count: () => count,
  }
}

async function countLines(file: string): Promise<number> {
  try {
    const text = await readFile(file, 'latin1')
    return text.split('\n').length - 1
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0
    throw error
  }
}

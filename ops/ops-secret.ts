import { randomBytes, randomUUID } from 'node:crypto'
import { chmod, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const fileName = 'ops-jwt-secret'

/** The secret that was made in DATA_DIR, undefined where none was. */
export async function readOpsSecret(dataDir: string): Promise<string | undefined> {
  try {
    const secret = (await readFile(join(dataDir, fileName), 'utf8')).trim()
    return secret === '' ? undefined : secret
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
}

/** The same secret for every process of one DATA_DIR; only its owner can read the file. */
export async function readOrMakeOpsSecret(dataDir: string): Promise<string> {
  const path = join(dataDir, fileName)
  await mkdir(dataDir, { recursive: true })
  const known = await readOpsSecret(dataDir)
  if (known !== undefined) {
    // A copy or an unpacked archive may have lost the mode.
    await chmod(path, 0o600)
    return known
  }
  const draft = `${path}.${randomUUID()}`
  await writeFile(draft, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' })
  try {
    // A link is made whole or not at all: of two processes that start together, one makes it.
    await link(draft, path)
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error
  } finally {
    await rm(draft)
  }
  const made = await readOpsSecret(dataDir)
  if (made === undefined) throw new Error(`${path} is empty: remove it and start again`)
  return made
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

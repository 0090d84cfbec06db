import { existsSync } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { sentenceOf } from '../../runtime/errors.ts'
import { LogRefused } from '../log-refused.ts'
import { claimDirectory } from './claim-directory.ts'
import { openAdoptingSpool } from './open-adopting-spool.ts'
import { logFileOf, openDirectoryQueue } from './open-directory-queue.ts'
import type { DirectoryQueueOptions } from './open-directory-queue.ts'
import type { Queue, Spool, SpoolSignals } from './spool.ts'

export type DiskSpoolOptions = {
  /** `DATA_DIR`; every process of the machine has a directory `spool-<n>` in it. */
  readonly dir: string
  /** Of what one process holds; 1 GiB, and never more than the disk has free. */
  readonly capacityBytes?: number
  readonly signals: SpoolSignals
  readonly now?: () => number
  readonly adoptEveryMs?: number
  readonly freeBytes?: DirectoryQueueOptions['freeBytes']
  /** The spool's thread ended unasked: nothing can be kept any more, and the process should end too. */
  readonly died?: (error: unknown) => void
}

const CAPACITY_BYTES = 1024 ** 3
const ADOPT_EVERY_MS = 30_000
const NAME = /^spool-(\d{1,6})$/

/**
 * The spool on a disk that lasts. Takes the first directory that no living process has, and with it
 * what a former life left there; takes over what other dead processes left. Rejects with a
 * `LogRefused` sentence where the disk cannot be written to.
 */
export async function openDiskSpool(options: DiskSpoolOptions): Promise<Spool> {
  const { dir, now = Date.now, capacityBytes = CAPACITY_BYTES, freeBytes, died, signals } = options
  const queueOptions = {
    capacityBytes,
    now,
    ...(freeBytes && { freeBytes }),
    ...(died && { died }),
  }
  await makeDirectory(dir)
  const own = await openDirectoryQueue({ ...queueOptions, ...claimFirst(dir) })

  /** Undefined where a living process has it, or nothing is in it. */
  const adoptOne = async (name: string): Promise<Queue | undefined> => {
    const place = join(dir, name)
    if (!existsSync(logFileOf(place))) return undefined
    const claim = claimDirectory(place)
    if (claim === undefined) return undefined
    const queue = await openDirectoryQueue({ ...queueOptions, dir: place, claim })
    if (!queue.isEmpty()) return queue
    await queue[Symbol.asyncDispose]()
    return undefined
  }
  const adopt = async () => {
    const found: Queue[] = []
    for (const name of await spoolNamesIn(dir)) {
      try {
        const queue = await adoptOne(name)
        if (queue !== undefined) found.push(queue)
      } catch (error) {
        // One that is broken must not hide the others.
        signals.spoolNotAdopted(error)
      }
    }
    return found
  }

  const everyMs = options.adoptEveryMs ?? ADOPT_EVERY_MS
  return openAdoptingSpool({ own, adopt, everyMs, now, signals })
}

async function makeDirectory(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true }).catch((error: unknown) => {
    throw new LogRefused(
      `The spool needs the directory ${dir}, and it cannot be made: ${sentenceOf(error)}. Set DATA_DIR to one that this process can write to.`,
      { cause: error },
    )
  })
}

function claimFirst(dir: string) {
  for (let number = 1; ; number++) {
    const place = join(dir, `spool-${number}`)
    const claim = claimDirectory(place)
    if (claim !== undefined) return { dir: place, claim }
  }
}

async function spoolNamesIn(dir: string): Promise<readonly string[]> {
  const numbers = (await readdir(dir)).flatMap((name) => NAME.exec(name)?.[1] ?? [])
  return numbers.sort((a, b) => Number(a) - Number(b)).map((number) => `spool-${number}`)
}

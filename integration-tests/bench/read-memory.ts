import { readFile } from 'node:fs/promises'

/** Of a process, in MB, the most and now, as Linux tells it; elsewhere nobody knows. */
export async function readMemory(
  pid: number,
): Promise<{ readonly peak: number; readonly now: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const read = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? NaN) / 1_024
  return { peak: read('VmHWM'), now: read('VmRSS') }
}

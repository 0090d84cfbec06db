import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'vitest'

const child = new URL('./spool/spool-until-killed.fixture.ts', import.meta.url)
let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'spool-'))
})
afterEach(() => {
  rmSync(dir, { recursive: true })
})

/** Runs until it says a word, then kills it with -9. */
async function killedAfterAWord(args: readonly string[]) {
  const writer = fork(child, [...args], { execArgv: [] })
  const [word] = (await Promise.race([once(writer, 'message'), once(writer, 'exit')])) as [unknown]
  writer.kill('SIGKILL')
  if (writer.exitCode === null && writer.signalCode === null) await once(writer, 'exit')
  return word
}

function linesOf(file: string): readonly string[] {
  return readFileSync(file, 'utf8').split('\n').filter(Boolean)
}

test('kill -9 while events are spooled: each that was answered arrives, first in the order of the answers', async () => {
  const [kept, acknowledged] = [join(dir, 'kept'), join(dir, 'acknowledged')]
  for (let round = 0; round < 3; round++) {
    const word = await killedAfterAWord([dir, kept, acknowledged, String(round)])
    assert.equal(word, 'busy')
  }
  const atTheKill = new Set(linesOf(kept))
  const answered = linesOf(acknowledged)
  assert(
    answered.some((line) => !atTheKill.has(line)),
    'nothing was left in the spool: this test shows nothing',
  )
  assert.equal(await killedAfterAWord([dir, kept, acknowledged, '', 'drain']), 'drained')

  const arrived = new Set(linesOf(kept))
  for (const line of answered) assert(arrived.has(line), `${line} was answered and is lost`)
  const latest = new Map<string, number>()
  for (const line of arrived) {
    const [key = '', n] = line.split(' ')
    assert.equal(Number(n), (latest.get(key) ?? -1) + 1, `${line} came out of order`)
    latest.set(key, Number(n))
  }
})

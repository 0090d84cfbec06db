import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'vitest'
import { openEmbeddedLog } from './embedded-log.ts'
import type { EmbeddedLog } from './embedded-log.ts'
import { makeTaker, textOf } from './event-log.contract.ts'
import type { Kept } from './event-log.ts'

const child = new URL('./embedded/append-until-killed.ts', import.meta.url)
let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'log-'))
})
afterEach(() => {
  rmSync(dir, { recursive: true })
})

async function killedMidLoad(args: readonly string[]) {
  const writer = fork(child, [...args], { execArgv: [] })
  await once(writer, 'message')
  writer.kill('SIGKILL')
  await once(writer, 'exit')
}

async function readAll(log: EmbeddedLog): Promise<readonly Kept[]> {
  const kept: Kept[] = []
  for (;;) {
    const from = { offset: BigInt(kept.length) }
    const page = await log.read({ topic: 't', partition: 0, from, limit: 5_000 })
    if (page.length === 0) return kept
    kept.push(...page)
  }
}

async function firstHanded(log: EmbeddedLog): Promise<bigint | undefined> {
  const taker = makeTaker()
  const what = {
    group: 'gateway-crash',
    topics: ['t'],
    startFrom: 'beginning',
    maxInHand: 1,
  } as const
  const [last] = await log.append([{ topic: 't', key: 'parent', value: Buffer.from('parent-0') }])
  assert(last !== undefined)
  const subscription = await log.subscribe(what, taker.take)
  const [handed] = await taker.until(1)
  await subscription.stop()
  return handed?.at.offset
}

/** Within a key the children count upwards. */
function assertOrderOfKeys(kept: readonly Kept[]) {
  const next = new Map<string, number>()
  for (const entry of kept) {
    if (entry.key === 'parent') continue
    const n = Number(textOf(entry).slice(entry.key.length + 1))
    assert.equal(n, next.get(entry.key) ?? 0)
    next.set(entry.key, n + 1)
  }
}

test('kill -9 loses nothing that was acknowledged: no gap, no other order, no commit ahead of done', async () => {
  const [acknowledged, done] = [join(dir, 'acknowledged'), join(dir, 'done')]
  for (let round = 0; round < 5; round++) {
    await killedMidLoad([dir, acknowledged, done, String(round)])

    await using log = await openEmbeddedLog({ dir, retention: { maxAgeMs: 86_400_000 } })
    const kept = await readAll(log)
    assert.deepEqual(
      kept.map(({ at }) => Number(at.offset)),
      kept.map((_, index) => index),
    )
    assertOrderOfKeys(kept)
    for (const line of linesOf(acknowledged)) {
      const [offset, value] = line.split(' ')
      const entry = kept[Number(offset)]
      assert(entry !== undefined, `offset ${offset ?? ''} was acknowledged and is not there`)
      assert.equal(textOf(entry), value)
    }
    const saidDone = new Set(linesOf(done))
    const handed = Number(await firstHanded(log))
    for (const { at, key } of kept.slice(0, handed)) {
      assert(
        key === 'parent' || saidDone.has(String(at.offset)),
        `${at.offset} was committed, not done`,
      )
    }
  }
})

function linesOf(file: string): readonly string[] {
  return readFileSync(file, 'utf8').split('\n').filter(Boolean)
}

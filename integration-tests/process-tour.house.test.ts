import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'vitest'
import { openProcess, openStart, type Process } from './open-process.ts'
import { until } from './open-street.ts'
import { findFreePort } from './start-house.ts'

/** The lines that the tour prints to be typed, in their order. */
function linesOf(product: Process): readonly string[] {
  return product
    .said()
    .split('\n')
    .filter((line) => /^ {3}(curl|sleep|OPS_URL|DATA_DIR|npm) ?/.test(line))
    .map((line) => line.trim())
    .filter((line) => !line.endsWith('--follow'))
}

async function type(line: string): Promise<string> {
  await using typed = openProcess(['sh', '-c', line], {})
  const { code } = await typed.ended
  assert.equal(code, 0, `${line}\n${typed.said()}`)
  return typed.said()
}

/** The line waits a second itself; on a machine that does much else, somebody types it again. */
async function typeUntil(line: string, wanted: RegExp): Promise<void> {
  await until(String(wanted), async () => (wanted.test(await type(line)) ? true : undefined))
}

async function follow(product: Process, name: string): Promise<void> {
  const lines = linesOf(product)
  assert.equal(lines.length, 17, product.said())
  await followOrganisation(lines.slice(0, 4), name)
  await followPerson(lines.slice(4, 9), name)
  await followOpportunity(lines.slice(9, 13), name)
  const [outcomes = '', outcomesOfPerson = '', outcomesOfSale = '', status = ''] = lines.slice(13)
  const told = await type(outcomes)
  assert.match(told, /created +organisation \d+ - \d+ +outreach +name, website/)
  assert.match(told, /updated +organisation \d+ - \d+ +workbooks +name/)
  const toldOfPerson = await type(outcomesOfPerson)
  assert.match(toldOfPerson, /created +person \d+ - \d+ +outreach +.*employer_link/)
  assert.match(toldOfPerson, /updated +person \d+ - \d+ +outreach +employer_link/)
  const toldOfSale = await type(outcomesOfSale)
  assert.match(toldOfSale, /created +opportunity \d+ - \d+ +outreach +.*party_id/)
  assert.match(toldOfSale, /updated +opportunity \d+ - \d+ +workbooks +probability/)
  assert.match(await type(status), /organisation +on[^]*person +on[^]*opportunity +on/)
}

async function followOrganisation(lines: readonly string[], name: string): Promise<void> {
  const [create = '', lookAtAccount = '', rename = '', lookAtName = ''] = lines
  assert.match(await type(create), new RegExp(`"name": "${name}"`))
  await typeUntil(lookAtAccount, new RegExp(`"name": "${name}"`))
  assert.match(await type(rename), new RegExp(`"name": "${name} Ltd"`))
  await typeUntil(lookAtName, new RegExp(`"name": "${name} Ltd"`))
}

async function followPerson(lines: readonly string[], name: string): Promise<void> {
  const [employ = '', lookAtEmployer = '', found = '', move = '', lookAgain = ''] = lines
  assert.match(await type(employ), /"name": "Mara Quill"/)
  await typeUntil(lookAtEmployer, new RegExp(`"accountName": "${name} Ltd"`))
  assert.match(await type(found), new RegExp(`"name": "${name} Services"`))
  assert.match(await type(move), new RegExp(`"employer_name": "${name} Services"`))
  await typeUntil(lookAgain, new RegExp(`"accountName": "${name} Services"`))
}

async function followOpportunity(lines: readonly string[], name: string): Promise<void> {
  const [offer = '', lookAtDeal = '', edit = '', lookAtSale = ''] = lines
  assert.match(await type(offer), new RegExp(`"description": "${name} – renewal"`))
  await typeUntil(lookAtDeal, /"amount": 18500,[^]*"closeDate": "2027-06-30T00:00:00.000Z"/)
  assert.match(await type(edit), /"probability": 60/)
  await typeUntil(lookAtSale, /"probability": 60/)
}

test('node start.ts with no configuration is ready within 20 s, and every line of its tour works as printed, on the first day and on the second', async () => {
  const dir = await mkdtemp(join(tmpdir(), "it's a tour "))
  const env = {
    DATA_DIR: dir,
    PORT: String(await findFreePort()),
    OPS_PORT: String(await findFreePort()),
  }
  try {
    for (const name of ['Larkfield Instruments', 'Larkfield Instruments 2']) {
      await using product = openStart([], env)
      await product.untilSaid('Stop with Ctrl-C', 20_000)
      await follow(product, name)
      product.signal('SIGINT')
      assert.deepEqual(await product.ended, { code: 0, signal: null }, product.said())
    }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
})

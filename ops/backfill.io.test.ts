import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { aBackfill, openRunningProduct, secret } from './a-running-product.fixture.ts'
import { runOps } from './command-line.ts'

async function typed(argv: readonly string[], opsUrl: string) {
  const said = { out: '', error: '' }
  const settings = { opsUrl, opsToken: undefined, opsJwtSecret: secret, dataDir: '/nowhere' }
  const code = await runOps(argv, {
    ...{ settings, fetch, now: Date.now, user: 'amy' },
    stdout: { write: (text) => (said.out += text) },
    stderr: { write: (text) => (said.error += text) },
    signal: new AbortController().signal,
    wait: () => Promise.resolve(),
  })
  return { code, ...said }
}

describe('backfills over HTTP', () => {
  const order = (body: unknown) => ({ method: 'POST', body: JSON.stringify(body) })

  test('an order is answered once it was counted, and audited', async () => {
    await using product = await openRunningProduct()
    const answer = await product.ask('/ops/backfills', order({ kind: 'organisation' }))
    assert.deepEqual([answer.status, await answer.json()], [202, aBackfill])
    assert.deepEqual(product.told.slice(0, 2), [
      ['audit', 'amy', 'backfill', 'organisation'],
      ['order', 'organisation', false],
    ])
  })

  test('a plan, the list, and the end of one', async () => {
    await using product = await openRunningProduct()
    await product.ask('/ops/backfills', order({ kind: 'person', plan: true }))
    assert.deepEqual(product.told[1], ['order', 'person', true])
    const list = await product.ask('/ops/backfills')
    assert.deepEqual(await list.json(), { backfills: [aBackfill] })
    const stopped = await product.ask('/ops/backfills/b1', { method: 'DELETE' })
    assert.equal(stopped.status, 200)
    assert.deepEqual(product.told.slice(-3, -1), [
      ['audit', 'amy', 'backfill stop', 'b1'],
      ['stop', 'b1'],
    ])
  })

  // prettier-ignore
  const wrong = [
    { body: {},                                      says: /kind must be one of organisation, .* not nothing/ },
    { body: { kind: 'account' },                     says: /kind must be one of .* not "account"/ },
    { body: { kind: 'organisation', plan: 'yes' },   says: /plan must be true or false/ },
    { body: { kind: 'task' },                        says: /No task/ },
  ]
  test.each(wrong)('$body: 400 with what to say instead', async ({ body, says }) => {
    await using product = await openRunningProduct()
    const answer = await product.ask('/ops/backfills', order(body))
    assert.equal(answer.status, 400)
    assert.match(((await answer.json()) as { detail: string }).detail, says)
  })

  test('each way asks for its own scope', async () => {
    await using product = await openRunningProduct()
    const headers = { authorization: `Bearer ${product.tokenFor('ops:read')}` }
    const answers = await Promise.all([
      product.ask('/ops/backfills', { headers }),
      product.ask('/ops/backfills', { ...order({ kind: 'person' }), headers }),
      product.ask('/ops/backfills/b1', { method: 'DELETE', headers }),
      product.ask('/ops/backfills/b1', { headers }),
    ])
    assert.deepEqual(
      answers.map(({ status }) => status),
      [403, 403, 403, 405],
    )
  })

  test('whoever may order one may see them all (product 6)', async () => {
    await using product = await openRunningProduct()
    const headers = { authorization: `Bearer ${product.tokenFor('ops:write')}` }
    assert.equal((await product.ask('/ops/backfills', { headers })).status, 200)
  })

  test('one that nobody knows cannot be stopped: 404', async () => {
    await using product = await openRunningProduct()
    const answer = await product.ask('/ops/backfills/unknown', { method: 'DELETE' })
    assert.equal(answer.status, 404)
    const { detail } = (await answer.json()) as { detail: string }
    assert.match(detail, /^There is no backfill unknown: "ops backfills" shows the ids/)
  })
})

describe('backfills from the command line', () => {
  test('what it takes is said before it begins', async () => {
    await using product = await openRunningProduct()
    const { code, out } = await typed(['backfill', 'organisation', '--plan'], product.url)
    assert.equal(code, 0)
    assert.match(out, /^b1 +organisation +old records +planned +100 of 300 +about 17 +12 s$/m)
    assert.match(out, /Nothing was begun\. Begin with: node start\.ts ops backfill organisation/)
    assert.deepEqual(product.told[1], ['order', 'organisation', true])
  })

  test('of two words: stop, one or all', async () => {
    await using product = await openRunningProduct()
    assert.match((await typed(['backfill', 'stop', 'person'], product.url)).out, /stopped/)
    assert.equal((await typed(['backfill', 'stop'], product.url)).code, 0)
    const unknown = await typed(['backfill', 'stop', 'unknown'], product.url)
    assert.deepEqual([unknown.code, unknown.out], [1, ''])
    assert.match(unknown.error, /^404: There is no backfill unknown/)
    const stops = product.told.filter((one) => Array.isArray(one) && one[0] === 'stop')
    assert.deepEqual(stops, [
      ['stop', 'person'],
      ['stop', 'all'],
      ['stop', 'unknown'],
    ])
  })

  test('the list, for people and for programs', async () => {
    await using product = await openRunningProduct()
    assert.match((await typed(['backfills'], product.url)).out, /^b1 +organisation/m)
    const { out } = await typed(['backfills', '--json'], product.url)
    assert.deepEqual(JSON.parse(out), { backfills: [aBackfill] })
  })
})

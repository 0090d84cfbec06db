import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { anOutcome, aStatus, openRunningProduct } from './a-running-product.fixture.ts'

const post = (body: unknown) => ({ method: 'POST', body: JSON.stringify(body) })

async function problemOf(response: Response) {
  assert.ok(response.headers.get('content-type')?.startsWith('application/problem+json'))
  const problem = (await response.json()) as { status: number; title: string; detail: string }
  assert.equal(problem.status, response.status)
  return problem
}

describe('every verb over HTTP', () => {
  test('the status is answered as it is', async () => {
    await using product = await openRunningProduct()
    const response = await product.ask('/ops/status')
    assert.equal(response.status, 200)
    assert.deepEqual(await response.json(), aStatus)
  })

  test('outcomes of a record, newest first, with a limit', async () => {
    await using product = await openRunningProduct()
    const response = await product.ask('/ops/outcomes?record=workbooks:organisation:226&limit=5')
    assert.deepEqual(await response.json(), { outcomes: [anOutcome] })
    assert.deepEqual(product.told[0], ['byRecord', 'workbooks:organisation:226', 5])
  })

  test('who follows gets a cursor', async () => {
    await using product = await openRunningProduct()
    const first = await product.ask('/ops/outcomes?after=now')
    assert.deepEqual(await first.json(), { outcomes: [], cursor: '1' })
    const next = await product.ask('/ops/outcomes?after=1&record=outreach:account:4101')
    assert.deepEqual(await next.json(), { outcomes: [anOutcome], cursor: '2' })
    assert.deepEqual(product.told.at(-2), ['follow', '1', 'outreach:account:4101'])
  })

  // prettier-ignore
  const changing = [
    { path: '/ops/sync',   body: { record: 'outreach:account:4101' }, status: 202, answer: { record: 'outreach:account:4101', requested: true }, audited: 'outreach:account:4101', does: ['requestSync', 'outreach:account:4101', 'amy'] },
    { path: '/ops/pause',  body: { what: 'organisation' },            status: 200, answer: { what: 'organisation', paused: true },               audited: 'organisation',          does: ['set', 'organisation', 'amy'] },
    { path: '/ops/resume', body: { what: 'outreach' },                status: 200, answer: { what: 'outreach', paused: false },                  audited: 'outreach',              does: ['clear', 'outreach', 'amy'] },
  ]
  test.each(changing)('$path is audited, then done', async ({ path, body, ...row }) => {
    await using product = await openRunningProduct()
    const response = await product.ask(path, post(body))
    assert.equal(response.status, row.status)
    assert.deepEqual(await response.json(), row.answer)
    const verb = path.slice('/ops/'.length)
    assert.deepEqual(product.told, [
      ['audit', 'amy', verb, row.audited],
      row.does,
      ['asked', verb, 'done'],
    ])
  })
})

describe('who may', () => {
  test('no token: 401 that says how to show one', async () => {
    await using product = await openRunningProduct()
    const response = await fetch(`${product.url}/ops/status`)
    assert.equal(response.status, 401)
    assert.equal(response.headers.get('www-authenticate'), 'Bearer realm="ops"')
    assert.ok((await problemOf(response)).detail.startsWith('The token is missing'))
  })

  // prettier-ignore
  const hidden = [
    { says: 'an unknown address',  path: '/ops/teapot', init: {} },
    { says: 'a wrong method',      path: '/ops/status', init: { method: 'DELETE' } },
    { says: 'the folder itself',   path: '/ops',        init: {} },
  ]
  test.each(hidden)('no token, $says: 401 too', async ({ path, init }) => {
    await using product = await openRunningProduct()
    assert.equal((await fetch(`${product.url}${path}`, init)).status, 401)
  })

  test('a bad token: 401, and nothing of the body is looked at', async () => {
    await using product = await openRunningProduct()
    const headers = { authorization: 'Bearer nonsense' }
    const response = await product.ask('/ops/sync', { method: 'POST', body: '{', headers })
    assert.equal(response.status, 401)
    assert.ok(response.headers.get('www-authenticate')?.includes('invalid_token'))
  })

  test('a scope that is missing: 403 that names it', async () => {
    await using product = await openRunningProduct()
    const headers = { authorization: `Bearer ${product.tokenFor('ops:read')}` }
    const body = { record: 'outreach:account:1' }
    const response = await product.ask('/ops/sync', { ...post(body), headers })
    assert.equal(response.status, 403)
    assert.equal((await problemOf(response)).detail, 'The token has not the scope ops:write')
    assert.ok(response.headers.get('www-authenticate')?.includes('scope="ops:write"'))
    assert.deepEqual(product.told, [])
  })

  test('who keeps failing gets 429; a good token from the same address passes', async () => {
    await using product = await openRunningProduct({ failuresPerMinute: 3 })
    const statuses: number[] = []
    for (let turn = 0; turn < 5; turn += 1) {
      statuses.push((await fetch(`${product.url}/ops/status`)).status)
    }
    assert.deepEqual(statuses, [401, 401, 401, 429, 429])
    assert.equal((await product.ask('/ops/status')).status, 200)
  })
})

describe('what cannot be answered', () => {
  const large = JSON.stringify({ record: 'x'.repeat(70_000) })
  // prettier-ignore
  const bad = [
    { says: 'no record',                path: '/ops/outcomes',                                    init: {},                                       status: 400, detail: 'record is missing: write <system>:<type>:<id>, for example workbooks:organisation:226' },
    { says: 'a record without an id',   path: '/ops/outcomes?record=workbooks:organisation',      init: {},                                       status: 400, detail: 'for example workbooks:organisation:226 or outreach:account:4101, not "workbooks:organisation"' },
    { says: 'a record of elsewhere',    path: '/ops/outcomes?record=hubspot:company:1',           init: {},                                       status: 400, detail: 'record must be' },
    { says: 'two records',              path: '/ops/outcomes?record=outreach:account:1&record=x', init: {},                                       status: 400, detail: 'record must be' },
    { says: 'a limit of nothing',       path: '/ops/outcomes?record=outreach:account:1&limit=0',  init: {},                                       status: 400, detail: 'limit must be a whole number from 1 to 1000' },
    { says: 'a pause of anything',      path: '/ops/pause',                                       init: post({ what: 'everything' }),             status: 400, detail: 'what must be one of organisation, person, opportunity, task, workbooks, outreach, not "everything"' },
    { says: 'a pause of nothing',       path: '/ops/pause',                                       init: post({}),                                 status: 400, detail: 'not nothing' },
    { says: 'a record of no kind',      path: '/ops/sync',                                        init: post({ record: 'outreach:user:1' }),      status: 400, detail: 'Users are not synchronised' },
    { says: 'a body that is no JSON',   path: '/ops/sync',                                        init: { method: 'POST', body: '{"record":' },   status: 400, detail: 'must be a JSON object' },
    { says: 'a body that is a list',    path: '/ops/sync',                                        init: post(['outreach:account:1']),             status: 400, detail: 'must be a JSON object' },
    { says: 'a body of another type',   path: '/ops/sync',                                        init: { method: 'POST', body: 'record=1', headers: { 'content-type': 'text/plain' } }, status: 415, detail: 'application/json' },
    { says: 'a body that is too large', path: '/ops/sync',                                        init: { method: 'POST', body: large },          status: 413, detail: 'larger than 64kb' },
    { says: 'an unknown address',       path: '/ops/teapot',                                      init: {},                                       status: 404, detail: 'GET /ops/status' },
    { says: 'the wrong method',         path: '/ops/sync',                                        init: {},                                       status: 405, detail: 'use POST' },
    { says: 'the wrong method here',    path: '/ops/status',                                      init: { method: 'DELETE' },                     status: 405, detail: 'use GET' },
  ]
  test.each(bad)('$says: $status', async ({ path, init, status, detail }) => {
    await using product = await openRunningProduct()
    const response = await product.ask(path, init)
    assert.equal(response.status, status)
    const problem = await problemOf(response)
    assert.ok(problem.detail.includes(detail), problem.detail)
    if (status === 405) assert.ok(response.headers.get('allow'))
  })

  test('what broke inside is told inside', async () => {
    const broken = () => Promise.reject(new Error('secret detail'))
    await using product = await openRunningProduct({ status: broken })
    const response = await product.ask('/ops/status')
    assert.equal(response.status, 500)
    assert.ok(!(await problemOf(response)).detail.includes('secret detail'))
    assert.deepEqual(product.told, [
      ['asked', 'status', 'failed'],
      ['failed', '/ops/status'],
    ])
  })
})

describe('probes need no token', () => {
  test('alive, ready, and the metrics', async () => {
    await using product = await openRunningProduct()
    for (const path of ['/livez', '/readyz']) {
      const response = await fetch(`${product.url}${path}`)
      assert.equal(response.status, 200)
      assert.deepEqual(await response.json(), { ok: true })
    }
    assert.equal(await (await fetch(`${product.url}/metrics`)).text(), 'a_metric 1\n')
  })

  test('not ready says why', async () => {
    const notReady = () => Promise.resolve(['the log is away'])
    await using product = await openRunningProduct({ notReady })
    const response = await fetch(`${product.url}/readyz`)
    assert.equal(response.status, 503)
    assert.equal((await problemOf(response)).detail, 'the log is away')
  })
})

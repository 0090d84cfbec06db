import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { openStart, runStart } from './open-process.ts'
import { openStreet, outreachHeaders, readTopic, until, type Street } from './open-street.ts'
import { findFreePort, houseSecrets } from './start-house.ts'

/** The pair of a new organisation, as soon as the product has linked it. */
async function createPair({ workbooks, outreach }: Street, columns: Record<string, unknown>) {
  const wish = { cf_organisation_sync_to_outreach: true, ...columns }
  const w = Number(workbooks.person.create('organisations', wish)['id'])
  const o = await until('the Outreach Id', () => {
    const id = Number(workbooks.person.read('organisations', w)?.['cf_organisation_outreach_id'])
    return id > 0 && outreach.person.read('account', id) !== undefined ? id : undefined
  })
  return { w, o }
}

describe('ops on the command line, beside the running product', () => {
  let street: Street
  beforeAll(async () => {
    street = await openStreet()
  })
  afterAll(async () => {
    await street[Symbol.asyncDispose]()
  })
  const ops = (...args: string[]) => runStart(['ops', ...args], street.env)
  const json = async (...args: string[]): Promise<unknown> => {
    const { code, said } = await ops(...args, '--json')
    assert.equal(code, 0, said)
    return JSON.parse(said)
  }

  test('status tells of systems and kinds, as text and as JSON', async () => {
    const { code, said } = await ops('status')
    assert.equal(code, 0)
    assert.match(said, /^SYSTEM +CIRCUIT/m)
    assert.match(said, /^outreach +closed/m)
    assert.match(said, /^organisation +on/m)
    const status = (await json('status')) as { kinds: { kind: string; enabled: boolean }[] }
    assert.equal(status.kinds.find(({ kind }) => kind === 'organisation')?.enabled, true)
  })

  test('outcomes tells what was done about a record, newest first', async () => {
    const { w, o } = await createPair(street, { name: 'Larkfield Instruments' })
    const record = `workbooks:organisation:${w}`
    const { outcomes } = (await json('outcomes', record)) as {
      outcomes: { outcome: string; kind: string; pair: object; system: string }[]
    }
    const created = outcomes.at(-1)
    assert.deepEqual(
      { outcome: created?.outcome, pair: created?.pair, system: created?.system },
      {
        outcome: 'created',
        pair: { workbooks: String(w), outreach: String(o) },
        system: 'outreach',
      },
    )
    const { said } = await ops('outcomes', `outreach:account:${o}`)
    assert.match(said, /created +organisation \d+ - \d+ +outreach/)
    assert.equal((await ops('outcomes', 'organisation 226')).code, 2)
  })

  test('pause and resume: nothing is written meanwhile, and everything afterwards', async () => {
    const { w, o } = await createPair(street, { name: 'Marrow & Sons' })
    assert.deepEqual(await json('pause', 'organisation'), { what: 'organisation', paused: true })
    street.workbooks.person.update('organisations', w, { name: 'Marrow Brothers' })
    const nameOf = () => street.outreach.person.read('account', o)?.attributes['name']
    await until('the paused record in status', async () => {
      const { kinds } = (await json('status')) as { kinds: { kind: string; parked: number }[] }
      return kinds.find(({ kind, parked }) => kind === 'organisation' && parked > 0)
    })
    assert.equal(nameOf(), 'Marrow & Sons')
    const { code, said } = await ops('resume', 'organisation')
    assert.equal(code, 0, said)
    await until('the new name', () => (nameOf() === 'Marrow Brothers' ? true : undefined))
    assert.equal((await ops('pause', 'everything')).code, 2)
  })

  test('sync handles a record that nobody announced', async () => {
    const { w, o } = await createPair(street, { name: 'Quiet Ltd' })
    street.workbooks.hooks.setDisorder({ drops: 1 })
    street.workbooks.person.update('organisations', w, { name: 'Quieter Ltd' })
    street.workbooks.hooks.setDisorder({ drops: 0 })
    const record = `workbooks:organisation:${w}`
    assert.deepEqual(await json('sync', record), { record, requested: true })
    await until('the new name', () =>
      street.outreach.person.read('account', o)?.attributes['name'] === 'Quieter Ltd'
        ? true
        : undefined,
    )
  })

  test('token makes a token with the scopes asked for, and no others', async () => {
    const { said } = await ops('token', '--scope', 'ops:read')
    const authorization = `Bearer ${said.trim()}`
    const status = await fetch(`${street.opsUrl}/ops/status`, { headers: { authorization } })
    assert.equal(status.status, 200)
    const body = JSON.stringify({ what: 'organisation' })
    const headers = { authorization, 'content-type': 'application/json' }
    const paused = await fetch(`${street.opsUrl}/ops/pause`, { method: 'POST', headers, body })
    assert.equal(paused.status, 403)
    assert.match(await paused.text(), /ops:write/)
    assert.equal((await fetch(`${street.opsUrl}/ops/status`)).status, 401)
  })

  test('an unknown verb, and a verb without its word, are typed wrongly: 2, with the usage', async () => {
    const unknown = await ops('explode')
    assert.equal(unknown.code, 2)
    assert.match(unknown.said, /There is no verb "explode"/)
    const bare = await ops('outcomes')
    assert.equal(bare.code, 2)
    assert.match(bare.said, /Usage: node start.ts ops outcomes/)
  })
})

test('with nothing running, ops says so and ends with 1', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'nothing-'))
  const env = { DATA_DIR: dir, OPS_PORT: String(await findFreePort()) }
  const withSecret = { ...env, OPS_JWT_SECRET: houseSecrets.ops }
  const { code, said } = await runStart(['ops', 'status'], withSecret)
  assert.equal(code, 1)
  assert.match(said, /Nothing answers at http:\/\/127\.0\.0\.1:\d+ .*start the product/)
  const without = await runStart(['ops', 'status'], env)
  assert.equal(without.code, 1)
  assert.match(without.said, /There is no token to show/)
  await rm(dir, { recursive: true, force: true })
})

test('SIGTERM ends it with 0 within seconds while deliveries go on, and loses nothing that was acknowledged', async () => {
  await using street = await openStreet({ LOG_LEVEL: 'info' })
  const acknowledged: string[] = []
  let sent = 0
  let isOver = false
  const send = async (sender: number) => {
    while (!isOver) {
      sent += 1
      const body = JSON.stringify({
        data: { type: 'account', id: 900_000 + sender, attributes: { name: `Sent ${sent}` } },
        meta: { eventName: 'account.updated', deliveredAt: '2026-03-02T01:14:51.103-08:00' },
      })
      const url = `${street.gatewayUrl}/webhooks/outreach`
      const init = { method: 'POST', headers: outreachHeaders(body), body }
      const response = await fetch(url, init).catch(() => undefined)
      if (response?.status === 200) {
        const hash = createHash('sha256').update(body).digest('hex')
        acknowledged.push(`outreach.account.updated/${900_000 + sender}/${hash}`)
      }
      if (response === undefined && (await isEnded(street))) return
    }
  }
  const senders = Array.from({ length: 20 }, (_, sender) => send(sender))
  await until('deliveries', () => (acknowledged.length > 300 ? true : undefined))
  const askedAt = Date.now()
  street.product.signal('SIGTERM')
  assert.deepEqual(await street.product.ended, { code: 0, signal: null }, street.product.said())
  assert.ok(Date.now() - askedAt < 10_000, `it took ${Date.now() - askedAt} ms`)
  isOver = true
  await Promise.all(senders)
  const kept = new Set((await readTopic(street.dir, 'outreach.account')).map(({ id }) => id))
  assert.deepEqual(
    acknowledged.filter((id) => !kept.has(id)),
    [],
  )
})

async function isEnded({ product }: Street): Promise<boolean> {
  return Promise.race([product.ended.then(() => true), Promise.resolve(false)])
}

test('at level debug no line has a secret or personal data', async () => {
  await using street = await openStreet()
  const { workbooks, outreach } = street
  const personal = ['Zanderfield', 'zoe.zander', 'zanderfield.example', 'Zanderstadt']
  const columns = {
    name: 'Zanderfield Boats',
    website: 'https://zanderfield.example',
    biography: 'Ask for zoe.zander@zanderfield.example',
    'main_location[town]': 'Zanderstadt',
  }
  const { w, o } = await createPair(street, columns)
  // Edited, refused, failing, in conflict, doubled, deleted, forged and not understood.
  workbooks.person.update('organisations', w, { name: 'Zanderfield Ships' })
  outreach.person.update('account', o, { attributes: { name: 'Zanderfield Yachts' } })
  outreach.faults.failNext({ method: 'PATCH', how: '500', count: 2 })
  outreach.faults.failNext({ method: 'GET', path: 'Zanderfield', how: 'reset-before' })
  const double = { ...columns, cf_organisation_sync_to_outreach: true }
  const twin = Number(
    workbooks.person.create('organisations', { ...double, name: 'zanderfield yachts' })['id'],
  )
  const long = {
    ...double,
    name: `Zanderfield ${'z'.repeat(240)}`,
    website: 'Zanderfield no address',
  }
  workbooks.person.create('organisations', long)
  const odd = JSON.stringify({
    data: { type: 'Zanderfield', id: 'zoe.zander@zanderfield.example' },
  })
  const url = `${street.gatewayUrl}/webhooks/outreach`
  await fetch(`${url}?email=zoe.zander`, {
    method: 'POST',
    headers: outreachHeaders(odd),
    body: odd,
  })
  await fetch(url, { method: 'POST', headers: outreachHeaders(odd), body: odd })
  await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: odd })
  const record = `workbooks:organisation:${twin}`
  const outcomesOf = () => runStart(['ops', 'outcomes', record, '--json'], street.env)
  await until('an outcome of the twin', async () =>
    /"outcome":"(duplicate|created)"/.test((await outcomesOf()).said) ? true : undefined,
  )
  const wrong = { headers: { authorization: 'Bearer zoe.zander.token' } }
  await fetch(`${street.opsUrl}/ops/outcomes?record=zoe.zander@zanderfield.example`, wrong)
  workbooks.person.remove('organisations', w)
  await until('the end of the pair', async () =>
    (await runStart(['ops', 'outcomes', `workbooks:organisation:${w}`], street.env)).said.includes(
      'gone',
    )
      ? true
      : undefined,
  )
  street.product.signal('SIGTERM')
  await street.product.ended
  const said = street.product.said()
  assert.ok(said.split('\n').length > 20, said)
  const secrets = [...Object.values(houseSecrets), workbooks.apiKey, 'Bearer ', 'zoe.zander.token']
  for (const word of [...personal, ...secrets]) {
    const line = said.split('\n').find((one) => one.toLowerCase().includes(word.toLowerCase()))
    assert.equal(line, undefined, `a line with ${word}`)
  }
  const outcome = new RegExp(`"message":"outcome".*"${twin}"`)
  assert.match(said, outcome, 'records are named by their ids')
})

test('a stopped product starts again on the same data and goes on', async () => {
  await using street = await openStreet()
  const { w, o } = await createPair(street, { name: 'Before' })
  street.product.signal('SIGTERM')
  assert.equal((await street.product.ended).code, 0)
  street.workbooks.person.update('organisations', w, { name: 'After' })
  await using again = openStart([], street.env)
  await until('the new name', () =>
    street.outreach.person.read('account', o)?.attributes['name'] === 'After' ? true : undefined,
  )
  again.signal('SIGTERM')
  assert.equal((await again.ended).code, 0, again.said())
})

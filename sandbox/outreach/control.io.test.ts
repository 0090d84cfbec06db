import { mkdtempSync, appendFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { at, openReceiver, openTestOutreach, toBody } from './open-test-outreach.ts'

describe('The control door', () => {
  test('a person creates, edits, trashes and deletes over HTTP without a token', async () => {
    await using outreach = await openTestOutreach()
    const create = { attributes: { name: 'Lark' }, links: { owner: 32 } }
    const made = await outreach.call('POST', '/_sandbox/accounts', { body: create })
    expect([made.status, made.json['id']]).toEqual([201, 4101])
    await outreach.call('PATCH', '/_sandbox/accounts/4101', {
      body: { attributes: { industry: 'Tools' } },
    })
    const listed = await outreach.call('GET', '/_sandbox/accounts?name=Lark')
    expect(at(listed.json, 'records', 0)).toMatchObject({
      attributes: { name: 'Lark', industry: 'Tools' },
      links: { owner: { type: 'user', id: 32 } },
    })
    const trashed = await outreach.call('DELETE', '/_sandbox/accounts/4101?trash=true')
    expect(at(trashed.json, 'attributes', 'trashedAt')).toBeDefined()
    expect((await outreach.call('DELETE', '/_sandbox/accounts/4101')).status).toBe(204)
    expect((await outreach.call('GET', '/_sandbox/accounts/4101')).status).toBe(404)
  })

  test('calls are counted by method and resource until they are reset, the door itself is not', async () => {
    await using outreach = await openTestOutreach()
    await outreach.call('GET', '/api/v2/accounts/1')
    await outreach.call('GET', '/api/v2/accounts')
    await outreach.call('PATCH', '/api/v2/accounts/1', { body: {} })
    const { json } = await outreach.call('GET', '/_sandbox/calls')
    expect(json['counts']).toEqual({ 'GET accounts': 2, 'PATCH accounts': 1 })
    expect(at(json, 'log', 0)).toMatchObject({
      method: 'GET',
      path: '/api/v2/accounts/1',
      status: 404,
    })
    await outreach.call('DELETE', '/_sandbox/calls')
    expect(outreach.calls.counts()).toEqual({})
  })

  test('webhook switches and the clock can be set while it runs', async () => {
    await using outreach = await openTestOutreach()
    const body = { drops: 1, delayMs: { from: 5, to: 6 }, nonsense: true, zone: 7 }
    const { json } = await outreach.call('PUT', '/_sandbox/webhooks-switches', { body })
    expect(json).toMatchObject({ drops: 1, delayMs: { from: 5, to: 6 }, zone: '-08:00' })
    expect(json).not.toHaveProperty('nonsense')
    await outreach.call('PUT', '/_sandbox/clock', { body: { now: '2026-03-02T09:00:00Z' } })
    expect((await outreach.call('GET', '/api/v2')).headers.get('date')).toContain(
      '02 Mar 2026 09:00',
    )
  })
})

describe('Faults (outreach-api 9.18)', () => {
  const body = toBody('account', { name: 'Lark' })

  test('a reset before leaves nothing behind, a reset after the commit a record without an answer', async () => {
    await using outreach = await openTestOutreach()
    const create = () => outreach.call('POST', '/api/v2/accounts', { body })
    outreach.faults.failNext({ method: 'POST', path: 'accounts', how: 'reset-before' })
    await expect(create()).rejects.toThrow()
    expect(outreach.person.list('account')).toHaveLength(0)
    for (const how of ['reset-after-commit', 'half-reply'] as const) {
      outreach.faults.failNext({ method: 'POST', path: 'accounts', how })
      await expect(create()).rejects.toThrow()
    }
    expect(outreach.person.list('account')).toHaveLength(2)
    expect((await create()).status).toBe(201)
    expect(outreach.calls.counts()).toEqual({ 'POST accounts': 4 })
  })

  test('Retry-After comes as an epoch, as seconds or as a date, each when asked for (5)', async () => {
    const now = Date.parse('2026-03-02T09:00:00Z')
    await using outreach = await openTestOutreach({ now: () => now })
    const fault = { count: 1, ms: 30_000 }
    await outreach.call('PUT', '/_sandbox/faults', {
      body: {
        failNext: [
          { ...fault, how: '429' },
          { ...fault, how: '429', retryAfter: 'seconds' },
          { ...fault, how: '503-maintenance' },
        ],
      },
    })
    const waits: (string | number | null)[] = []
    for (let n = 0; n < 3; n += 1) {
      const answer = await outreach.call('GET', '/api/v2/stages')
      waits.push(answer.status, answer.headers.get('retry-after'))
    }
    const epoch = String(now / 1000 + 30)
    expect(waits).toEqual([429, epoch, 429, '30', 503, '2026-03-02T09:00:30.000Z'])
    expect((await outreach.call('GET', '/api/v2/stages')).status).toBe(200)
  })

  test('502 is a page of HTML, and being unavailable resets everything but the control door', async () => {
    await using outreach = await openTestOutreach()
    outreach.faults.failNext({ how: '502-html' })
    const bad = await outreach.call('GET', '/api/v2/stages')
    expect([bad.status, bad.headers.get('content-type')]).toEqual([502, 'text/html'])
    await outreach.call('PUT', '/_sandbox/faults', { body: { unavailable: true } })
    await expect(outreach.call('GET', '/api/v2/stages')).rejects.toThrow()
    await outreach.call('PUT', '/_sandbox/faults', { body: {} })
    expect((await outreach.call('GET', '/api/v2/stages')).status).toBe(200)
  })

  test('a fault that nobody knows is refused with the names of those that exist', async () => {
    await using outreach = await openTestOutreach()
    const sent = { body: { failNext: [{ how: 'explode' }] } }
    const answer = await outreach.call('PUT', '/_sandbox/faults', sent)
    expect(at(answer.json, 'errors', 0, 'detail')).toContain('reset-before')
  })
})

describe('The journal', () => {
  test('a restart keeps records, ids, tokens and webhooks, and forgets a torn last line', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sandbox-outreach-'))
    const journalFile = join(folder, 'data', 'outreach.jsonl')
    await using receiver = await openReceiver()
    const options = {
      journalFile,
      refreshTokens: [{ token: 'first' }],
      subscriptions: [{ url: receiver.url }],
    }
    const form = {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'client_id=sandbox-client&client_secret=sandbox-client-secret&grant_type=refresh_token&refresh_token=first',
    }
    const first = await openTestOutreach(options)
    first.person.create('account', { attributes: { name: 'Kept' } })
    first.person.create('account', { attributes: { name: 'Gone' } })
    first.person.remove('account', 4102)
    const granted = (await first.call('POST', '/oauth/token', form)).json
    await first.whenQuiet()
    await first.close()
    appendFileSync(journalFile, '["account","4101",{"type":"acc')

    await using second = await openTestOutreach(options)
    expect(second.person.list('account').map(({ attributes }) => attributes['name'])).toEqual([
      'Kept',
    ])
    expect(second.person.create('account', { attributes: { name: 'Next' } }).id).toBe(4103)
    expect(second.person.list('user')).toHaveLength(3)
    expect(second.person.list('webhook')).toHaveLength(1)
    const headers = { authorization: `Bearer ${String(granted['access_token'])}` }
    expect((await second.call('GET', '/api/v2/stages', { headers })).status).toBe(200)
    expect((await second.call('POST', '/oauth/token', form)).json['error']).toBe('invalid_grant')
    await second.whenQuiet()
    expect(receiver.deliveries).toHaveLength(5)
    rmSync(folder, { recursive: true })
  })
})

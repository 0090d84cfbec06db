import { describe, expect, test } from 'vitest'
import { at, openReceiver, openTestOutreach, toBody } from './open-test-outreach.ts'
import { toSignature } from './webhook-sender.ts'

const secret = 'example-webhook-secret'

async function openBoth(options: Parameters<typeof openTestOutreach>[0] = {}) {
  const receiver = await openReceiver()
  const subscriptions = [{ url: receiver.url, secret, payloadVersion: 2 as const }]
  const outreach = await openTestOutreach({ subscriptions, ...options })
  const close = async () => {
    await outreach.close()
    await receiver[Symbol.asyncDispose]()
  }
  const names = async () => {
    await outreach.whenQuiet()
    return receiver.deliveries.map(({ name }) => name)
  }
  return { receiver, outreach, names, [Symbol.asyncDispose]: close }
}

describe('Webhook deliveries (outreach-api 1)', () => {
  test('an API write is announced too, signed over the raw compact body, on a connection of its own (1.4, 1.10)', async () => {
    await using both = await openBoth()
    const body = toBody('account', { name: 'Lark' })
    await both.outreach.call('POST', '/api/v2/accounts', { body })
    expect(await both.names()).toEqual(['account.created'])
    const [delivery] = both.receiver.deliveries
    expect(delivery?.headers).toMatchObject({
      'content-type': 'application/vnd.api+json',
      'user-agent': 'Ruby',
      connection: 'close',
      'outreach-webhook-id': '51',
      'outreach-webhook-signature': toSignature(delivery?.raw ?? '', secret),
    })
    expect(delivery?.raw).toBe(JSON.stringify(delivery?.json))
    expect(at(delivery?.json, 'meta', 'deliveredAt')).toMatch(/\.\d{3}-08:00$/)
    expect(at(delivery?.json, 'data', 'attributes', 'externalSource')).toBe('outreach-api')
  })

  test('a second change in the same second comes without updatedAt (1.5)', async () => {
    await using both = await openBoth({ now: () => 1_772_442_000_000 })
    const { person } = both.outreach
    const { id } = person.create('account', { attributes: { name: 'Lark' } })
    person.update('account', id, { attributes: { name: 'Larkfield' } })
    await both.names()
    const [, update] = both.receiver.deliveries
    expect(at(update?.json, 'data', 'attributes')).toEqual({ name: 'Larkfield' })
    expect(at(update?.json, 'beforeUpdate', 'attributes')).toEqual({ name: 'Lark' })
  })

  test('a new address is an emailAddress.created and a prospect.updated that says nothing (9.17)', async () => {
    await using both = await openBoth()
    const { person } = both.outreach
    const { id } = person.create('prospect', { attributes: { firstName: 'Mara' } })
    person.update('prospect', id, { attributes: { emails: ['mara@lark.example'] } })
    expect((await both.names()).sort()).toEqual([
      'emailAddress.created',
      'prospect.created',
      'prospect.updated',
    ])
    const update = both.receiver.deliveries.find(({ name }) => name === 'prospect.updated')
    expect(at(update?.json, 'data')).toMatchObject({ attributes: {}, relationships: {} })
  })

  test('completing a task says completed first, then updated, and touches the prospect (1.8, 9.17)', async () => {
    await using both = await openBoth({ webhooks: { delayMs: { from: 0, to: 0 } } })
    const { outreach } = both
    const prospect = outreach.person.create('prospect', {})
    const subject = { type: 'prospect', id: prospect.id }
    const { id } = outreach.person.create('task', { links: { subject } })
    await both.names()
    await outreach.call('POST', `/api/v2/tasks/${id}/actions/markComplete`)
    const names = (await both.names()).slice(2)
    expect(names.filter((name) => String(name).startsWith('task'))).toEqual([
      'task.completed',
      'task.updated',
    ])
    const touched = both.receiver.deliveries.find(({ name }) => name === 'prospect.updated')
    expect(Object.keys(at(touched?.json, 'data', 'attributes') ?? {})).toEqual(['touchedAt'])
  })

  test('a deletion is an empty updated, then destroyed with everything that was known (1.7)', async () => {
    await using both = await openBoth()
    const { person } = both.outreach
    const { id } = person.create('account', { attributes: { name: 'Lark' }, links: { owner: 31 } })
    person.remove('account', id)
    expect(await both.names()).toEqual(['account.created', 'account.updated', 'account.destroyed'])
    const [, farewell, destroyed] = both.receiver.deliveries
    expect(at(farewell?.json, 'data', 'attributes')).toEqual({})
    expect(at(destroyed?.json, 'data')).toMatchObject({
      attributes: { name: 'Lark', domain: null },
      relationships: { owner: { type: 'owner', id: 31 } },
    })
  })

  test.each([200, 302, 429, 500])(
    'any status is an answer: %d is not tried again (1.9)',
    async (status) => {
      await using both = await openBoth()
      both.receiver.answerWith(status, 1)
      both.outreach.person.create('account', { attributes: { name: 'Lark' } })
      await both.outreach.whenQuiet()
      expect(both.receiver.deliveries).toHaveLength(1)
      expect(both.outreach.webhooks.sent()[0]?.result).toEqual({ kind: 'answered', status })
    },
  )

  test('only a broken connection is tried again, four times in all, with the same bytes (1.9)', async () => {
    await using both = await openBoth()
    both.receiver.answerWith('reset', 3)
    both.outreach.person.create('account', { attributes: { name: 'Lark' } })
    await both.outreach.whenQuiet()
    expect(new Set(both.receiver.deliveries.map(({ raw }) => raw)).size).toBe(1)
    expect(both.receiver.deliveries).toHaveLength(4)
    both.receiver.answerWith('reset', 4)
    both.outreach.person.create('account', { attributes: { name: 'Lost' } })
    await both.outreach.whenQuiet()
    expect(both.outreach.webhooks.sent()[1]).toMatchObject({
      attempts: 4,
      result: { kind: 'failed' },
    })
  })

  test('a receiver that does not answer within the limit counts as broken, by a switch (9.9)', async () => {
    await using both = await openBoth({ webhooks: { timeLimitMs: 50, retriesTimeouts: false } })
    both.receiver.answerWith('silence', 1)
    both.outreach.person.create('account', { attributes: { name: 'Lark' } })
    await both.outreach.whenQuiet()
    expect(both.outreach.webhooks.sent()[0]).toMatchObject({
      attempts: 1,
      result: { kind: 'timed-out' },
    })
  })

  test('drops and duplicates follow the switches, and a duplicate has the same bytes (9.8)', async () => {
    await using both = await openBoth({ webhooks: { dropNext: 1, duplicates: 1 } })
    const { id } = both.outreach.person.create('account', { attributes: { name: 'Dropped' } })
    both.outreach.person.create('account', { attributes: { name: 'Doubled' } })
    expect(await both.names()).toEqual(['account.created', 'account.created'])
    expect(both.outreach.webhooks.dropped()).toMatchObject([{ type: 'account', recordId: id }])
    const [one, two] = both.receiver.deliveries
    expect(one?.raw).toBe(two?.raw)
    expect(one?.headers['outreach-webhook-event-id']).toBe(
      two?.headers['outreach-webhook-event-id'],
    )
  })

  test('deliveries about one record keep their order, however long each one waits (9.8)', async () => {
    await using both = await openBoth({ webhooks: { delayMs: { from: 0, to: 25 } } })
    const { person } = both.outreach
    const { id } = person.create('account', { attributes: { name: 'n0' } })
    for (let n = 1; n <= 15; n += 1) person.update('account', id, { attributes: { name: `n${n}` } })
    await both.outreach.whenQuiet()
    expect(
      both.receiver.deliveries.map(({ json }) => at(json, 'data', 'attributes', 'name')),
    ).toEqual(Array.from({ length: 16 }, (_, n) => `n${n}`))
  })
})

describe('Webhook subscriptions (outreach-api 1.1 to 1.3)', () => {
  test('one resource and one action, or wildcards; overlapping ones deliver twice (1.10)', async () => {
    await using receiver = await openReceiver()
    await using outreach = await openTestOutreach()
    const subscribe = (attributes: object) =>
      outreach.call('POST', '/api/v2/webhooks', {
        body: toBody('webhook', { url: receiver.url, ...attributes }),
      })
    expect((await subscribe({ resource: 'account', action: 'created' })).status).toBe(201)
    expect((await subscribe({})).status).toBe(201)
    expect((await subscribe({ resource: 'stage' })).status).toBe(422)
    expect((await subscribe({ resource: 'user', action: 'destroyed' })).status).toBe(422)
    const { id } = outreach.person.create('account', { attributes: { name: 'Lark' } })
    outreach.person.update('account', id, { attributes: { name: 'Larkfield' } })
    await outreach.whenQuiet()
    expect(receiver.deliveries).toHaveLength(3)
    expect(receiver.deliveries[0]?.headers).not.toHaveProperty('outreach-webhook-signature')
  })

  test('a private address is disabled for an hour, silently, and any update re-arms it (1.1, 1.9)', async () => {
    await using both = await openBoth({ webhooks: { refusesPrivateAddresses: true } })
    const { outreach } = both
    outreach.person.create('account', { attributes: { name: 'Lost' } })
    expect(await both.names()).toEqual([])
    const read = async () =>
      at((await outreach.call('GET', '/api/v2/webhooks/51')).json, 'data', 'attributes')
    expect(at(await read(), 'disabledReason')).toContain('private')
    outreach.webhooks.change({ refusesPrivateAddresses: false })
    outreach.person.create('account', { attributes: { name: 'Lost too' } })
    expect(await both.names()).toEqual([])
    const body = toBody('webhook', { active: true }, { id: 51 })
    await outreach.call('PATCH', '/api/v2/webhooks/51', { body })
    expect(await read()).toMatchObject({ disabledReason: null, disabledUntil: null })
    outreach.person.create('account', { attributes: { name: 'Told' } })
    expect(await both.names()).toEqual(['account.created'])
  })

  test('nothing is delivered for an authorizer who is locked (1.9)', async () => {
    await using both = await openBoth()
    both.outreach.person.update('user', 31, { attributes: { locked: true } })
    both.outreach.person.create('account', { attributes: { name: 'Lark' } })
    expect(await both.names()).not.toContain('account.created')
  })

  test('the clean-up token removes the webhook without any grant (1.11)', async () => {
    await using both = await openBoth()
    both.outreach.person.create('account', { attributes: { name: 'Lark' } })
    await both.names()
    const cleanupToken = both.receiver.deliveries[0]?.headers['outreach-webhook-cleanup-token']
    const sent = { body: { cleanupToken }, headers: {} }
    expect((await both.outreach.call('POST', '/api/v2/webhooks/cleanup', sent)).status).toBe(204)
    expect((await both.outreach.call('GET', '/api/v2/webhooks/51')).status).toBe(404)
  })
})

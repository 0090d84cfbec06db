import { describe, expect, test } from 'vitest'
import { at, openTestOutreach, toBody, type Answer } from './open-test-outreach.ts'

const start = Date.parse('2026-03-02T09:15:07.412Z')
const firstError = (answer: Answer) => at(answer.json, 'errors', 0)
const json = { 'content-type': 'application/vnd.api+json' }

describe('Checks before anything is done (outreach-api 9.2)', () => {
  test('401 has three shapes: not a JWT, unknown, expired (2.5)', async () => {
    await using outreach = await openTestOutreach()
    const as = (token: string) =>
      outreach.call('GET', '/api/v2/accounts', { headers: { authorization: `Bearer ${token}` } })
    const noJwt = await as('nonsense')
    expect(noJwt.status).toBe(401)
    expect(noJwt.json['error']).toBe('Invalid JWT token.')
    const unknown = await as('a.b.c')
    expect([unknown.headers.get('content-type'), unknown.text]).toEqual([
      'text/plain',
      'Invalid access token',
    ])
    outreach.faults.failNext({ how: '401-expired' })
    expect(firstError(await as('fixed'))).toMatchObject({ id: 'expiredAccessToken' })
  })

  test('a write without the media type is a 415 whose text is in details (3.1, 4.2)', async () => {
    await using outreach = await openTestOutreach()
    const headers = { authorization: 'Bearer fixed', 'content-type': 'application/json' }
    const answer = await outreach.call('POST', '/api/v2/accounts', { headers, body: {} })
    expect(answer.status).toBe(415)
    expect(firstError(answer)).toMatchObject({
      id: 'unsupportedMediaType',
      details: "Expected Content-Type header to be 'application/vnd.api+json'.",
    })
  })

  test('write does not imply read, nor delete, and an include needs its own scope (2.1, 3.3)', async () => {
    await using outreach = await openTestOutreach({
      accessTokens: [{ token: 'writer', scope: 'accounts.write prospects.read' }],
    })
    const headers = { authorization: 'Bearer writer', ...json }
    const body = toBody('account', { name: 'Lark' })
    expect((await outreach.call('POST', '/api/v2/accounts', { headers, body })).status).toBe(201)
    const read = await outreach.call('GET', '/api/v2/accounts/4101', { headers })
    expect(read.status).toBe(403)
    expect(firstError(read)).toMatchObject({
      id: 'unauthorizedOauthScope',
      detail: "Your authorization does not include the required scope 'accounts.read'.",
    })
    const removal = await outreach.call('DELETE', '/api/v2/accounts/4101', { headers })
    expect(at(firstError(removal), 'detail')).toContain("'accounts.delete'")
    const included = await outreach.call('GET', '/api/v2/prospects?include=owner', { headers })
    expect(at(firstError(included), 'detail')).toContain("'users.read'")
  })

  test('unknown paths, and verbs that a resource lacks, are routeNotFound; unknown ids resourceNotFound (4.2)', async () => {
    await using outreach = await openTestOutreach()
    const ids = async (method: string, path: string) =>
      at(firstError(await outreach.call(method, path)), 'id')
    expect(await ids('GET', '/api/v2/meetings')).toBe('routeNotFound')
    expect(await ids('PATCH', '/api/v2/calls/1')).toBe('routeNotFound')
    expect(await ids('DELETE', '/api/v2/mailings/1')).toBe('routeNotFound')
    const gone = await outreach.call('GET', '/api/v2/prospects/1')
    expect([gone.status, at(firstError(gone), 'detail')]).toEqual([
      404,
      "Could not find 'prospect' with ID '1'.",
    ])
  })

  test('the budget is counted by user on every reply, and its end is a 429 with the reset as epoch (5)', async () => {
    await using outreach = await openTestOutreach({
      now: () => start,
      rateLimit: { limit: 2, showsTwoValues: true },
    })
    const first = await outreach.call('GET', '/api/v2/stages')
    expect(first.headers.get('x-ratelimit-remaining')).toBe('1, 3')
    expect(first.headers.get('date')).toBe('Mon, 02 Mar 2026 09:15:07 GMT')
    await outreach.call('GET', '/api/v2/stages')
    const refused = await outreach.call('GET', '/api/v2/stages')
    const reset = String(Math.ceil((start + 3_600_000) / 1000))
    expect(refused.status).toBe(429)
    expect(refused.headers.get('retry-after')).toBe(reset)
    expect(refused.headers.get('x-ratelimit-reset')).toBe(reset)
    expect(firstError(refused)).toMatchObject({
      id: 'rateLimitExceeded',
      detail:
        'You have exceeded your permitted rate limit of 2; please try again at 2026-03-02T10:15:08.',
    })
    outreach.clock.advance(3_601_000)
    expect((await outreach.call('GET', '/api/v2/stages')).status).toBe(200)
  })
})

describe('Records (outreach-api 6)', () => {
  test('a create shows every attribute, numeric ids, whole seconds and who made it (3.1, 9.4)', async () => {
    await using outreach = await openTestOutreach({ now: () => start })
    const body = toBody(
      'account',
      { name: 'Lark' },
      { links: { owner: { type: 'user', id: '32' } } },
    )
    const made = await outreach.call('POST', '/api/v2/accounts', { body })
    expect(made.status).toBe(201)
    expect(at(made.json, 'data')).toMatchObject({
      type: 'account',
      id: 4101,
      attributes: {
        createdAt: '2026-03-02T09:15:07.000Z',
        updatedAt: '2026-03-02T09:15:07.000Z',
        externalSource: 'outreach-api',
        named: true,
        tags: [],
        custom150: null,
      },
      relationships: {
        owner: { data: { type: 'user', id: 32 } },
        creator: { data: { type: 'user', id: 31 } },
        prospects: { links: {} },
      },
    })
  })

  test('a patch changes what it names, moves updatedAt by the second, and one without a change does not (6.1)', async () => {
    await using outreach = await openTestOutreach({ now: () => start })
    const links = { owner: 31 }
    const { id } = outreach.person.create('account', { attributes: { name: 'Lark' }, links })
    const patch = (attributes: object, sentLinks = {}) =>
      outreach.call('PATCH', `/api/v2/accounts/${id}`, {
        body: toBody('account', { ...attributes }, { links: sentLinks, id }),
      })
    outreach.clock.advance(5000)
    const same = await patch({ name: 'Lark' })
    expect(at(same.json, 'data', 'attributes', 'updatedAt')).toBe('2026-03-02T09:15:07.000Z')
    const cleared = await patch({ industry: 'Tools' }, { owner: null })
    expect(at(cleared.json, 'data')).toMatchObject({
      attributes: { name: 'Lark', industry: 'Tools', updatedAt: '2026-03-02T09:15:12.000Z' },
      relationships: { owner: { data: null } },
    })
  })

  // prettier-ignore
  test.each([
    ['an unknown attribute (9.5)', toBody('account', { name: 'a', colour: 'x' }), 'validationError', '/data/attributes/colour'],
    ['a read-only attribute (6.1)', toBody('account', { name: 'a', createdAt: '2026-01-01' }), 'validationError', '/data/attributes/createdAt'],
    ['a string that is too long (6.1)', toBody('account', { name: 'a'.repeat(256) }), 'validationDataTooLongError', undefined],
    ['a blank name (7.1)', toBody('account', { name: ' ' }), 'validationError', '/data/attributes/name'],
    ['a number as a string (7.1)', toBody('account', { name: 'a', followers: '7' }), 'validationError', '/data/attributes/followers'],
    ['an owner who does not exist', toBody('account', { name: 'a' }, { links: { owner: { type: 'user', id: 999 } } }), 'validationError', '/data/relationships/owner'],
    ['a relationship of the wrong type', toBody('account', { name: 'a' }, { links: { owner: { type: 'team', id: 1 } } }), 'validationError', '/data/relationships/owner/data'],
    ['another type than the path', toBody('prospect', {}), 'validationError', '/data/type'],
  ])('%s is a 422 that points there', async (...[, body, id, pointer]) => {
    await using outreach = await openTestOutreach()
    const answer = await outreach.call('POST', '/api/v2/accounts', { body })
    expect(answer.status).toBe(422)
    expect(firstError(answer)).toMatchObject({ id })
    expect(at(firstError(answer), 'source', 'pointer')).toBe(pointer)
  })

  test('a prospect address belongs to one prospect, whatever its case, and some domains to none (4.3)', async () => {
    await using outreach = await openTestOutreach({
      rules: { excludedEmailDomains: ['own.example'] },
    })
    const create = (email: string) =>
      outreach.call('POST', '/api/v2/prospects', { body: toBody('prospect', { emails: [email] }) })
    expect((await create('mara@lark.example')).status).toBe(201)
    const taken = await create('MARA@lark.example')
    expect(firstError(taken)).toMatchObject({
      source: { pointer: '/data' },
      detail: 'Contacts email hash has already been taken.',
    })
    expect(at(firstError(await create('a@own.example')), 'detail')).toBe(
      'Contacts contact is using an excluded email address.',
    )
    const races = await Promise.all([create('b@lark.example'), create('b@lark.example')])
    expect(races.map(({ status }) => status).sort()).toEqual([201, 422])
  })

  test('a list of e-mails replaces the old one whole, and the e-mail records follow (6.1)', async () => {
    await using outreach = await openTestOutreach()
    const { person } = outreach
    const emails = ['a@x.example', 'b@x.example']
    const { id } = person.create('prospect', { attributes: { emails } })
    const body = toBody('prospect', { emails: ['c@x.example', 'b@x.example'] }, { id })
    await outreach.call('PATCH', `/api/v2/prospects/${id}`, { body })
    const rows = person.list('emailAddress').map(({ attributes }) => attributes)
    expect(rows.map(({ email, order }) => [email, order])).toEqual([
      ['b@x.example', 1],
      ['c@x.example', 0],
    ])
    const [second] = person.list('emailAddress')
    await outreach.call('DELETE', `/api/v2/emailAddresses/${second?.id ?? 0}`)
    expect(person.read('prospect', id)?.attributes['emails']).toEqual(['c@x.example'])
  })

  test('the stage of an opportunity is set by opportunityStage and filtered by stage (7.3)', async () => {
    await using outreach = await openTestOutreach()
    const links = { opportunityStage: 3 }
    outreach.person.create('opportunity', { attributes: { name: 'Renewal' }, links })
    const found = await outreach.call('GET', '/api/v2/opportunities?filter[stage][id]=3')
    expect(at(found.json, 'data', 0, 'relationships', 'stage')).toEqual({
      data: { type: 'opportunityStage', id: 3 },
    })
  })

  test('trashed records are in no list, deleted ones are a 404, and their ids never come back (6.3)', async () => {
    await using outreach = await openTestOutreach()
    const { person, call } = outreach
    const { id } = person.create('account', { attributes: { name: 'Lark' } })
    person.trash('account', id)
    expect(at((await call('GET', '/api/v2/accounts')).json, 'data')).toEqual([])
    const trashed = await call('GET', `/api/v2/accounts/${id}`)
    expect(at(trashed.json, 'data', 'attributes', 'trashedAt')).toMatch(/\.000Z$/)
    expect((await call('DELETE', `/api/v2/accounts/${id}`)).status).toBe(204)
    expect((await call('GET', `/api/v2/accounts/${id}`)).status).toBe(404)
    expect(person.create('account', { attributes: { name: 'Lark' } }).id).toBe(id + 1)
  })
})

describe('Reading (outreach-api 3)', () => {
  test('links.next leads through everything, and count is null unless asked for (3.2)', async () => {
    await using outreach = await openTestOutreach()
    for (const name of ['c', 'a', 'b']) outreach.person.create('account', { attributes: { name } })
    let next: unknown = '/api/v2/accounts?sort=-name&page[size]=2'
    const names: unknown[] = []
    while (typeof next === 'string') {
      const page = await outreach.call('GET', next.replace(outreach.url, ''))
      expect(at(page.json, 'meta', 'count')).toBeNull()
      names.push(at(page.json, 'data', 0, 'attributes', 'name'))
      next = at(page.json, 'links', 'next')
    }
    expect(names).toEqual(['c', 'a'])
    const counted = await outreach.call('GET', '/api/v2/accounts?count=true&page[size]=1')
    expect(at(counted.json, 'meta')).toEqual({ count: 3, count_truncated: false })
  })

  test('include brings the related records, and fields names types (3.3)', async () => {
    await using outreach = await openTestOutreach()
    const { person } = outreach
    const account = person.create('account', { attributes: { name: 'Lark' }, links: { owner: 32 } })
    person.create('prospect', { attributes: { firstName: 'Mara' }, links: { account: account.id } })
    const query = 'include=account.owner&fields[prospect]=firstName&fields[user]=email'
    const { json: body } = await outreach.call('GET', `/api/v2/prospects?${query}`)
    expect(at(body, 'data', 0, 'attributes')).toEqual({ firstName: 'Mara' })
    expect(at(body, 'included', 0, 'attributes', 'name')).toBe('Lark')
    expect(at(body, 'included', 1, 'attributes')).toEqual({ email: 'ben.booth@sandbox.example' })
  })

  test('the root says whose token it is (2.4)', async () => {
    await using outreach = await openTestOutreach()
    const identity = await outreach.call('GET', '/api/v2')
    expect(at(identity.json, 'meta')).toMatchObject({ user: { id: 31 }, instanceUrl: outreach.url })
  })
})

describe('Task actions (outreach-api 7.6)', () => {
  test('a task is completed by its action only, and only once', async () => {
    await using outreach = await openTestOutreach()
    const subject = { type: 'prospect', id: outreach.person.create('prospect', {}).id }
    const made = await outreach.call('POST', '/api/v2/tasks', {
      body: toBody('task', { action: 'call' }, { links: { subject } }),
    })
    expect(at(made.json, 'data')).toMatchObject({
      attributes: { taskType: 'manual', state: 'incomplete', completed: false },
      relationships: { prospect: { data: subject }, account: { data: null } },
    })
    const id = String(at(made.json, 'data', 'id'))
    const act = (action: string) => outreach.call('POST', `/api/v2/tasks/${id}/actions/${action}`)
    expect((await act('markComplete?actionParams[nonsense]=1')).status).toBe(400)
    expect((await act('reschedule')).status).toBe(422)
    const done = await act('markComplete?actionParams[completionNote]=Spoke')
    expect(at(done.json, 'data', 'attributes')).toMatchObject({
      state: 'complete',
      completed: true,
    })
    expect(outreach.person.list('prospectNote')).toHaveLength(1)
    expect((await act('markComplete')).status).toBe(422)
  })
})

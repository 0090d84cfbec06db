import { createSign, generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { at, openTestOutreach, type TestOutreach } from './open-test-outreach.ts'

const form = { 'content-type': 'application/x-www-form-urlencoded' }
const client = 'client_id=sandbox-client&client_secret=sandbox-client-secret'

const redeem = (outreach: TestOutreach, grant: string) =>
  outreach.call('POST', '/oauth/token', { body: `${client}&${grant}`, headers: form })
const refresh = (outreach: TestOutreach, token: unknown) =>
  redeem(outreach, `grant_type=refresh_token&refresh_token=${String(token)}`)

describe('OAuth (outreach-api 2.1)', () => {
  test('a refresh token works once and hands over its successor', async () => {
    await using outreach = await openTestOutreach({
      refreshTokens: [{ token: 'first', scope: 'stages.read' }],
    })
    const granted = await refresh(outreach, 'first')
    expect(granted.json).toMatchObject({
      token_type: 'Bearer',
      expires_in: 7200,
      scope: 'stages.read',
    })
    const again = await refresh(outreach, 'first')
    expect([again.status, again.json['error']]).toEqual([400, 'invalid_grant'])
    outreach.clock.advance(60_000)
    expect((await refresh(outreach, granted.json['refresh_token'])).status).toBe(200)
  })

  test('one token a minute for a user and app; the refused refresh token is not used up', async () => {
    await using outreach = await openTestOutreach({ refreshTokens: [{ token: 'first' }] })
    const second = (await refresh(outreach, 'first')).json['refresh_token']
    const refused = await refresh(outreach, second)
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(1e9)
    outreach.clock.advance(60_000)
    expect((await refresh(outreach, second)).status).toBe(200)
  })

  test('an access token ends after two hours with expiredAccessToken, a refresh token after 14 days', async () => {
    await using outreach = await openTestOutreach({ refreshTokens: [{ token: 'first' }] })
    const granted = await refresh(outreach, 'first')
    const headers = { authorization: `Bearer ${String(granted.json['access_token'])}` }
    expect((await outreach.call('GET', '/api/v2/stages', { headers })).status).toBe(200)
    outreach.clock.advance(7_200_000)
    const expired = await outreach.call('GET', '/api/v2/stages', { headers })
    expect([expired.status, at(expired.json, 'errors', 0, 'id')]).toEqual([
      401,
      'expiredAccessToken',
    ])
    outreach.clock.advance(14 * 86_400_000)
    expect((await refresh(outreach, granted.json['refresh_token'])).status).toBe(400)
  })

  test('the authorize page sends the browser back with a code that is good for one token', async () => {
    await using outreach = await openTestOutreach()
    const query =
      'client_id=sandbox-client&redirect_uri=https://gateway.example/back&scope=stages.read'
    const sent = await outreach.call('GET', `/oauth/authorize?${query}&state=s1`, { headers: {} })
    const back = new URL(sent.headers.get('location') ?? '')
    expect([sent.status, back.searchParams.get('state')]).toEqual([302, 's1'])
    const code = `grant_type=authorization_code&code=${back.searchParams.get('code') ?? ''}`
    expect((await redeem(outreach, code)).status).toBe(200)
    expect((await redeem(outreach, code)).json['error']).toBe('invalid_grant')
  })

  test('a wrong client secret is invalid_client', async () => {
    await using outreach = await openTestOutreach()
    const body = 'client_id=sandbox-client&client_secret=wrong&grant_type=refresh_token'
    expect((await outreach.call('POST', '/oauth/token', { body, headers: form })).status).toBe(401)
  })
})

describe('Server to server (outreach-api 2.2, 2.3)', () => {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const guid = 'app-guid'
  const s2sApps = [
    { guid, publicKey: keys.publicKey.export({ type: 'spki', format: 'pem' }).toString() },
  ]
  const sign = (claims: object, key = keys.privateKey) => {
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
    const text = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(claims)}`
    return `${text}.${createSign('RSA-SHA256').update(text).sign(key, 'base64url')}`
  }
  const inAnHour = () => Math.floor(Date.now() / 1000) + 3600
  const act = (outreach: TestOutreach, address: string, token: string) =>
    outreach.call('POST', `/api/app/installs/${address}`, {
      headers: { authorization: `Bearer ${token}` },
    })

  test('a set-up token installs once; the install gives access tokens that reach less than OAuth', async () => {
    await using outreach = await openTestOutreach({ s2sApps })
    const token = sign({ iss: guid, exp: inAnHour() })
    const setup = outreach.issueSetupToken(guid)
    const installed = await act(outreach, `${setup}/actions/setupToken`, token)
    const installId = String(at(installed.json, 'data', 'id'))
    expect((await act(outreach, `${setup}/actions/setupToken`, token)).status).toBe(404)
    const granted = await act(outreach, `${installId}/actions/accessToken`, token)
    const access = String(at(granted.json, 'data', 'meta', 'accessToken'))
    const headers = {
      authorization: `Bearer ${access}`,
      'content-type': 'application/vnd.api+json',
    }
    expect((await outreach.call('GET', '/api/v2/accounts', { headers })).status).toBe(200)
    expect((await outreach.call('GET', '/api/v2/stages', { headers })).status).toBe(403)
    outreach.clock.advance(3_600_000)
    expect((await outreach.call('GET', '/api/v2/accounts', { headers })).status).toBe(401)
  })

  test('an app token that is expired, or signed by another key, is a 401', async () => {
    await using outreach = await openTestOutreach({ s2sApps })
    const address = `${outreach.issueSetupToken(guid)}/actions/setupToken`
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    expect((await act(outreach, address, sign({ iss: guid, exp: 1 }))).status).toBe(401)
    const forged = sign({ iss: guid, exp: inAnHour() }, other)
    expect((await act(outreach, address, forged)).status).toBe(401)
  })

  test('a set-up token ends after 15 minutes', async () => {
    await using outreach = await openTestOutreach({ s2sApps })
    const address = `${outreach.issueSetupToken(guid)}/actions/setupToken`
    outreach.clock.advance(900_000)
    const token = sign({ iss: guid, exp: inAnHour() + 900 })
    expect((await act(outreach, address, token)).status).toBe(404)
  })
})

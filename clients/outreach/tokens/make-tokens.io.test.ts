import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import jwt from 'jsonwebtoken'
import { test } from 'vitest'
import { SetupFault, SystemAway } from '../../errors.ts'
import { makeHttpCall } from '../../http/make-http-call.ts'
import { answer, openScriptedServer } from '../../http/open-scripted-server.ts'
import { makeSystemGate } from '../../make-system-gate.ts'
import { hashOf } from './decide-refresh.ts'
import { makeOAuthTokens } from './make-oauth-tokens.ts'
import { makeS2sTokens } from './make-s2s-tokens.ts'
import type { StoredToken } from './stored-token.ts'

const live = { lane: 'live' } as const
const start = Date.UTC(2026, 0, 1)

function aWorld(apiUrl: string) {
  const world = { time: start, stored: undefined as StoredToken | undefined, storeIsAway: false }
  const now = () => world.time
  const parts = {
    system: 'outreach' as const,
    now,
    wait: (ms: number, signal?: AbortSignal) => wait(ms, undefined, { signal }),
  }
  const gate = makeSystemGate({
    ...parts,
    maxConcurrent: 10,
    signals: { gateChanged: () => undefined },
  })
  const http = makeHttpCall({ ...parts, gate, signals: { called: () => undefined } })
  let turn: Promise<unknown> = Promise.resolve()
  const shared = { http, apiUrl, now, signals: { tokenRenewed: () => undefined } }
  const oauth = (firstRefreshToken = 'seed') =>
    makeOAuthTokens({
      ...shared,
      clientId: 'client',
      clientSecret: 'secret',
      redirectUri: 'https://us.test/back',
      firstRefreshToken,
      store: {
        read: () => Promise.resolve(world.stored),
        write: (token) => {
          if (world.storeIsAway) return Promise.reject(new Error('the state is away'))
          world.stored = token
          return Promise.resolve()
        },
      },
      exclusively: (work) => {
        const mine = turn.then(work)
        turn = mine.catch(() => undefined)
        return mine
      },
    })
  return { world, oauth, shared }
}

/** Gives a new pair for the one refresh token that is valid; anything else breaks the chain. */
async function openTokenServer() {
  const state = { valid: 'seed', given: 0 }
  const server = await openScriptedServer(({ body }, response) => {
    const form = new URLSearchParams(body)
    if (form.get('refresh_token') !== state.valid) {
      answer(response, { status: 400, body: { error: 'invalid_grant' } })
      return
    }
    state.given += 1
    state.valid = `refresh-${state.given}`
    const tokens = { access_token: `access-${state.given}`, refresh_token: state.valid }
    answer(response, { body: { ...tokens, token_type: 'Bearer', expires_in: 7200 } })
  })
  return { ...server, state }
}

test('the first refresh token is used once, and the rotated one from then on', async () => {
  await using server = await openTokenServer()
  const { world, oauth } = aWorld(server.url)
  const tokens = oauth()
  assert.equal(await tokens.current(live), 'access-1')
  assert.equal(server.seen[0]?.url, '/oauth/token')
  assert.deepEqual(Object.fromEntries(new URLSearchParams(server.seen[0].body)), {
    client_id: 'client',
    client_secret: 'secret',
    redirect_uri: 'https://us.test/back',
    grant_type: 'refresh_token',
    refresh_token: 'seed',
  })
  assert.deepEqual(world.stored, {
    accessToken: 'access-1',
    refreshToken: 'refresh-1',
    receivedAt: start,
    expiresAt: start + 7_200_000,
    seedHash: hashOf('seed'),
  })
  world.time += 7_200_000 - 200_000
  assert.equal(await tokens.current(live), 'access-2')
  assert.equal(await oauth().current(live), 'access-2')
  assert.equal(server.state.given, 2)
})

test('many who ask at once, in two processes, make one refresh', async () => {
  await using server = await openTokenServer()
  const { oauth } = aWorld(server.url)
  const [one, other] = [oauth(), oauth()]
  const asked = [one, other, one, other, one].map((tokens) => tokens.current(live))
  assert.deepEqual(new Set(await Promise.all(asked)), new Set(['access-1']))
  assert.equal(server.state.given, 1)
})

test('a process that has an outdated pair takes the stored one, and uses up no refresh token', async () => {
  await using server = await openTokenServer()
  const { world, oauth } = aWorld(server.url)
  const [one, other] = [oauth(), oauth()]
  await Promise.all([one.current(live), other.current(live)])
  // Due for both, one of them is first.
  world.time += 7_000_000
  assert.equal(await one.current(live), 'access-2')
  assert.equal(await other.current(live), 'access-2')
  // Refused early, in both at once: the used-up refresh token of the first would break the chain.
  world.time += 60_000
  const both = await Promise.all([one.renew('access-2', live), other.renew('access-2', live)])
  assert.deepEqual(both, ['access-3', 'access-3'])
  assert.equal(await other.renew('access-2', live), 'access-3')
  const asked = server.seen.map(({ body }) => new URLSearchParams(body).get('refresh_token'))
  assert.deepEqual(asked, ['seed', 'refresh-1', 'refresh-2'])
})

test('a refused token is renewed once for all, and not again within the minute', async () => {
  await using server = await openTokenServer()
  const { world, oauth } = aWorld(server.url)
  const tokens = oauth()
  await tokens.current(live)
  const both = await Promise.all([tokens.renew('access-1', live), tokens.renew('access-1', live)])
  assert.deepEqual(both, ['access-2', 'access-2'])
  assert.equal(await tokens.renew('access-1', live), 'access-2')
  await assert.rejects(tokens.renew('access-2', live), SystemAway)
  assert.equal(server.state.given, 2)
  world.time += 60_000
  assert.equal(await tokens.renew('access-2', live), 'access-3')
})

test('a pair is stored before it is used, however often that takes', async () => {
  await using server = await openTokenServer()
  const { world, oauth } = aWorld(server.url)
  const tokens = oauth()
  world.storeIsAway = true
  await assert.rejects(tokens.current(live), /the state is away/)
  await assert.rejects(tokens.current(live), /the state is away/)
  world.storeIsAway = false
  assert.equal(await tokens.current(live), 'access-1')
  assert.equal(server.state.given, 1)
})

test('another first token replaces what is stored; a broken chain says what to do', async () => {
  await using server = await openTokenServer()
  const { oauth } = aWorld(server.url)
  await oauth().current(live)
  server.state.valid = 'seed-2'
  assert.equal(await oauth('seed-2').current(live), 'access-2')
  const error: unknown = await oauth('seed-3')
    .current(live)
    .catch((reason: unknown) => reason)
  assert.ok(error instanceof SetupFault)
  assert.match(error.mend, /set OUTREACH_REFRESH_TOKEN/)
  assert.ok(!error.message.includes('seed-3'))
})

test('a refusal is not asked for again within the minute', async () => {
  await using server = await openTokenServer()
  server.state.valid = 'another'
  const { world, oauth } = aWorld(server.url)
  const tokens = oauth()
  for (let at = 0; at < 3; at += 1) await assert.rejects(tokens.current(live), SetupFault)
  assert.equal(server.seen.length, 1)
  server.state.valid = 'seed'
  world.time += 60_000
  assert.equal(await tokens.current(live), 'access-1')
})

test('while the old token lives, a token endpoint that is away costs nothing', async () => {
  let isAway = false
  await using server = await openScriptedServer((_, response) => {
    if (isAway) answer(response, { status: 429, headers: { 'retry-after': '30' } })
    else answer(response, { body: { access_token: 'a', refresh_token: 'r', expires_in: '7200' } })
  })
  const { world, oauth } = aWorld(server.url)
  const tokens = oauth()
  await tokens.current(live)
  isAway = true
  world.time += 7_000_000
  assert.equal(await tokens.current(live), 'a')
  world.time += 300_000
  await assert.rejects(tokens.current(live), SystemAway)
})

const keys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

test('server to server: an app token signed by us buys an access token for an hour', async () => {
  await using server = await openScriptedServer(({ headers }, response, at) => {
    const claims = jwt.verify((headers.authorization ?? '').slice(7), keys.publicKey, {
      algorithms: ['RS256'],
      issuer: 'guid-1',
      clockTimestamp: (start + at * 3_600_000) / 1000,
    })
    assert.equal(typeof claims, 'object')
    const links = { api: 'https://app1f.outreach.example/api/v2' }
    const data = { relationships: { org: { links } }, meta: { accessToken: `s2s-${at}` } }
    answer(response, { body: { data } })
  })
  const { world, shared } = aWorld(server.url)
  const privateKey = keys.privateKey.replaceAll('\n', '\\n')
  const tokens = makeS2sTokens({ ...shared, guid: 'guid-1', privateKey, installId: 'install-1' })
  assert.equal(tokens.isOAuth, false)
  const both = await Promise.all([tokens.current(live), tokens.current(live)])
  assert.deepEqual(both, ['s2s-0', 's2s-0'])
  assert.equal(server.seen[0]?.url, '/api/app/installs/install-1/actions/accessToken')
  world.time += 3_600_000
  assert.equal(await tokens.current(live), 's2s-1')
})

test('server to server: a token refused early is replaced at once, the replacement after a minute', async () => {
  await using server = await openScriptedServer((_, response, at) => {
    answer(response, { body: { data: { meta: { accessToken: `s2s-${at}` } } } })
  })
  const { world, shared } = aWorld(server.url)
  const { privateKey } = keys
  const tokens = makeS2sTokens({ ...shared, guid: 'g', privateKey, installId: 'i' })
  await tokens.current(live)
  const both = [tokens.renew('s2s-0', live), tokens.renew('s2s-0', live)]
  assert.deepEqual(await Promise.all(both), ['s2s-1', 's2s-1'])
  await assert.rejects(tokens.renew('s2s-1', live), SystemAway)
  assert.equal(server.seen.length, 2)
  world.time += 60_000
  assert.equal(await tokens.renew('s2s-1', live), 's2s-2')
})

test('a key that cannot sign is a fault of the set-up, and is not shown', async () => {
  const { shared } = aWorld('http://127.0.0.1:9')
  const tokens = makeS2sTokens({ ...shared, guid: 'g', privateKey: 'hush', installId: 'i' })
  const error: unknown = await tokens.current(live).catch((reason: unknown) => reason)
  assert.ok(error instanceof SetupFault)
  assert.ok(!error.message.includes('hush'))
})

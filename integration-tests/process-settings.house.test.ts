import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { openStart, runStart } from './open-process.ts'
import { findFreePort } from './start-house.ts'

let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'process-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

const secret = 'do-not-print-me-93'

test('all mistakes are reported together, each by name, with no secret among them, and it exits with 78', async () => {
  const { code, said } = await runStart(['spectator'], {
    DATA_DIR: dir,
    PORT: 'eighty',
    OPS_PORT: '70000',
    RECONCILE_INTERVAL_SECONDS: '2',
    LOG_LEVEL: 'loud',
    OUTREACH_API_URL: 'api.outreach.io',
    DATABASE_URL: `mysql://somebody:${secret}@db.example.com/x`,
    OUTREACH_S2S_PRIVATE_KEY: secret,
    OUTREACH_CLIENT_SECRET: secret,
    SYNC_CONFIG: join(dir, 'not-there.json'),
  })
  assert.equal(code, 78)
  const lines = said.split('\n').filter((line) => line.startsWith('- '))
  const names = [
    'PORT must be a whole number',
    'OPS_PORT must be a whole number',
    'RECONCILE_INTERVAL_SECONDS must be',
    'LOG_LEVEL must be',
    'OUTREACH_API_URL must be',
    'DATABASE_URL must be',
    'OUTREACH_S2S_PRIVATE_KEY must be',
    'OUTREACH_CLIENT_ID is missing',
    'WORKBOOKS_API_KEY is missing',
    'SYNC_CONFIG must name a file that is there',
    'There is no role "spectator"',
  ]
  for (const name of names) {
    assert.equal(lines.filter((line) => line.startsWith(`- ${name}`)).length, 1, `${name}\n${said}`)
  }
  assert.match(said, /"eighty"/)
  assert.ok(!said.includes(secret), said)
})

test('NODE_ENV=production without credentials lists everything that is missing', async () => {
  const { code, said } = await runStart([], { DATA_DIR: dir, NODE_ENV: 'production' })
  assert.equal(code, 78)
  const missing = [
    'OUTREACH_CLIENT_ID',
    'OUTREACH_WEBHOOK_SECRETS',
    'WORKBOOKS_API_KEY',
    'WORKBOOKS_HOOK_JWT_SECRETS',
    'OPS_JWT_SECRET',
  ]
  for (const name of missing) assert.match(said, new RegExp(`^- ${name}\\b.*missing`, 'm'))
})

test('every mistake in the SYNC_CONFIG file is reported, together with those of the settings', async () => {
  const file = join(dir, 'sync.config.json')
  const config = {
    kinds: {
      organisation: { matching: 'guess', enabled: 'yes', colour: 'red' },
      planet: {},
    },
    owner: { match: 'shoe size' },
  }
  writeFileSync(file, JSON.stringify(config))
  const { code, said } = await runStart([], { DATA_DIR: dir, SYNC_CONFIG: file, PORT: 'eighty' })
  assert.equal(code, 78)
  const paths = [
    'kinds.organisation.matching',
    'kinds.organisation.enabled',
    'kinds.organisation.colour',
    'kinds.planet',
    'owner.match',
  ]
  for (const path of paths) assert.ok(said.includes(`- ${file}: ${path}`), `${path}\n${said}`)
  assert.match(said, /- PORT must/)

  writeFileSync(file, '{ not json')
  const broken = await runStart([], { DATA_DIR: dir, SYNC_CONFIG: file })
  assert.equal(broken.code, 78)
  assert.match(broken.said, /SYNC_CONFIG .* could not be read as JSON/)
})

test.each(['gateway', 'consumers', 'reconciliation'])(
  'the role %s by itself is refused beside the embedded stores, with a sentence',
  async (role) => {
    const { code, said } = await runStart([role], { DATA_DIR: dir })
    assert.equal(code, 78)
    assert.match(said, /The embedded log and state serve one process only/)
  },
)

test('the embedded stores are refused where the disk does not last (DYNO), unless that is allowed', async () => {
  const env = { DATA_DIR: join(dir, 'dyno'), DYNO: 'web.1', PORT: '0', OPS_PORT: '0' }
  const { code, said } = await runStart([], env)
  assert.equal(code, 78)
  assert.match(said, /ALLOW_EPHEMERAL_DATA is missing: DYNO is set/)

  await using allowed = openStart([], { ...env, ALLOW_EPHEMERAL_DATA: '1' })
  await allowed.untilSaid('The sandbox is ready')
  allowed.signal('SIGTERM')
  assert.deepEqual(await allowed.ended, { code: 0, signal: null })
})

describe('beside a process that runs already', () => {
  test('a second process on the same DATA_DIR is refused with a sentence', async () => {
    const env = { DATA_DIR: join(dir, 'shared'), PORT: '0', OPS_PORT: '0' }
    await using first = openStart([], env)
    await first.untilSaid('The sandbox is ready')
    const { code, said } = await runStart([], env)
    assert.equal(code, 78)
    assert.ok(!said.includes('crashed'), said)
    assert.match(said, /Another process already uses the .* in .*shared.*Stop it first/)
    assert.ok(!/^ +at /m.test(said), 'a stack is for no operator')
    first.signal('SIGTERM')
    assert.equal((await first.ended).code, 0)
  })

  test.each(['PORT', 'OPS_PORT'])('a %s that is taken is refused with a sentence', async (name) => {
    const taken = createServer()
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, () => {
        const address = taken.address()
        resolve(typeof address === 'object' && address !== null ? address.port : 0)
      })
    })
    const free = String(await findFreePort())
    const ports = { PORT: free, OPS_PORT: '0', [name]: String(port) }
    const { code, said } = await runStart([], { DATA_DIR: join(dir, name), ...ports })
    taken.close()
    assert.equal(code, 78)
    assert.ok(!said.includes('crashed'), said)
    assert.match(said, new RegExp(`${name} ${port} is taken by another process`))
  })
})

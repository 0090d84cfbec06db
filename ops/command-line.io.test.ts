import assert from 'node:assert/strict'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'vitest'
import { anOutcome, aStatus, openRunningProduct, secret } from './a-running-product.fixture.ts'
import { runOps, type CommandLineDeps } from './command-line.ts'
import { readOpsSecret, readOrMakeOpsSecret } from './ops-secret.ts'
import { makeVerifyToken } from './verify-token.ts'

async function typed(argv: readonly string[], changed: Partial<CommandLineDeps['settings']> = {}) {
  const said = { out: '', error: '' }
  const stop = new AbortController()
  let waits = 0
  const code = await runOps(argv, {
    settings: {
      opsUrl: 'http://127.0.0.1:1',
      opsToken: undefined,
      opsJwtSecret: secret,
      dataDir: '/nowhere',
      ...changed,
    },
    fetch,
    now: Date.now,
    user: 'amy',
    stdout: { write: (text) => (said.out += text) },
    stderr: { write: (text) => (said.error += text) },
    signal: stop.signal,
    wait: () => {
      waits += 1
      if (waits === 2) stop.abort()
      return Promise.resolve()
    },
  })
  return { code, ...said }
}

async function openFolder() {
  const path = await mkdtemp(join(tmpdir(), 'ops-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

describe('against a running product', () => {
  test('status is a page for people', async () => {
    await using product = await openRunningProduct()
    const { code, out } = await typed(['status'], { opsUrl: product.url })
    assert.equal(code, 0)
    assert.ok(
      /^outreach +open +2026-03-02T09:30:00\.000Z +12 of 10000 +400 +- +no connection$/m.test(out),
      out,
    )
    assert.ok(/^organisation +on +2 +1 +0 +4$/m.test(out), out)
    assert.ok(/^gateway-sync +3 +3 min$/m.test(out), out)
    assert.ok(/^gateway +4711 /m.test(out), out)
    assert.ok(/^linked, and still to be followed .*: 2$/m.test(out), out)
  })

  test('--json is for programs', async () => {
    await using product = await openRunningProduct()
    const { out } = await typed(['status', '--json'], { opsUrl: product.url })
    assert.deepEqual(JSON.parse(out), aStatus)
  })

  test('outcomes of a record', async () => {
    await using product = await openRunningProduct()
    const argv = ['outcomes', 'outreach:account:4101', '--limit', '3']
    const { out } = await typed(argv, { opsUrl: product.url })
    assert.ok(out.includes('updated  organisation 226 - 4101  outreach  name'), out)
    assert.deepEqual(product.told[0], ['byRecord', 'outreach:account:4101', 3])
  })

  test('--follow goes on from the cursor until it is stopped', async () => {
    await using product = await openRunningProduct()
    const { code, out } = await typed(['outcomes', '--follow', '--json'], { opsUrl: product.url })
    assert.equal(code, 0)
    const lines = out
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line))
    assert.deepEqual(lines, [
      { outcomes: [], cursor: '1' },
      { outcomes: [anOutcome], cursor: '2' },
    ])
  })

  // prettier-ignore
  const changing = [
    { argv: ['sync', 'outreach:account:4101'], says: 'ops outcomes outreach:account:4101', does: ['requestSync', 'outreach:account:4101', 'amy'] },
    { argv: ['reconcile', 'person'],           says: 'ops status',                         does: ['requestReconcile', 'person', 'amy'] },
    { argv: ['reconcile'],                     says: 'every kind',                         does: ['requestReconcile', null, 'amy'] },
    { argv: ['pause', 'organisation'],         says: 'ops resume organisation',            does: ['set', 'organisation', 'amy'] },
    { argv: ['resume', 'workbooks'],           says: 'workbooks goes on',                  does: ['clear', 'workbooks', 'amy'] },
  ]
  test.each(changing)(
    '$argv.0 is done in the name of who typed it',
    async ({ argv, says, does }) => {
      await using product = await openRunningProduct()
      const { code, out } = await typed(argv, { opsUrl: product.url })
      assert.equal(code, 0)
      assert.ok(out.includes(says), out)
      assert.deepEqual(product.told[1], does)
    },
  )

  test('a token of OPS_TOKEN is shown as it is, and a 403 is told', async () => {
    await using product = await openRunningProduct()
    const opsToken = product.tokenFor('ops:read')
    const { code, error } = await typed(['pause', 'task'], { opsUrl: product.url, opsToken })
    assert.equal(code, 1)
    assert.equal(error, '403: The token has not the scope ops:write\n')
  })

  test('the secret of DATA_DIR is enough', async () => {
    await using folder = await openFolder()
    await using product = await openRunningProduct({
      keys: { secret: await readOrMakeOpsSecret(folder.path) },
    })
    const settings = { opsUrl: product.url, opsJwtSecret: undefined, dataDir: folder.path }
    assert.equal((await typed(['status'], settings)).code, 0)
  })
})

describe('with nothing to ask', () => {
  test('nothing runs: it says so, and what to do', async () => {
    const { code, error } = await typed(['status'])
    assert.equal(code, 1)
    assert.ok(error.startsWith('Nothing answers at http://127.0.0.1:1'), error)
    assert.ok(error.includes('start the product, or set OPS_URL'), error)
  })

  test('no token to show: it says where one comes from', async () => {
    const { code, error } = await typed(['status'], { opsJwtSecret: undefined })
    assert.equal(code, 1)
    assert.ok(error.includes('set OPS_TOKEN, or OPS_JWT_SECRET'), error)
  })
})

// prettier-ignore
const wrong = [
  { says: 'an unknown verb',          argv: ['dance'],                                      hint: 'There is no verb "dance"' },
  { says: 'no record',                argv: ['sync'],                                       hint: 'record is missing' },
  { says: 'a malformed record',       argv: ['sync', 'ORG-226'],                            hint: 'for example workbooks:organisation:226' },
  { says: 'one word too many',        argv: ['status', 'please'],                           hint: '"please" is one word too many' },
  { says: 'an unknown option',        argv: ['status', '--loud'],                           hint: '--loud' },
  { says: 'nothing to pause',         argv: ['pause', 'everything'],                        hint: 'organisation, person, opportunity, task' },
  { says: 'a token without scope',    argv: ['token'],                                      hint: '--scope is missing' },
  { says: 'a token of no such scope', argv: ['token', '--scope', 'ops:all'],                hint: 'There is no scope "ops:all"' },
  { says: 'a token for ever',         argv: ['token', '--scope', 'ops:read', '--hours=0'],  hint: '--hours must be' },
]

test.each(wrong)('typed wrongly, $says: exit 2 and a usage', async ({ argv, hint }) => {
  const { code, out, error } = await typed(argv)
  assert.equal(code, 2)
  assert.equal(out, '')
  assert.ok(error.includes(hint), error)
})

test('help names every verb', async () => {
  for (const argv of [[], ['help'], ['--help']]) {
    const { code, out } = await typed(argv)
    assert.equal(code, 0)
    for (const verb of ['status', 'outcomes', 'sync', 'pause', 'resume', 'token']) {
      assert.ok(out.includes(`\n${verb} `), verb)
    }
  }
})

test('a token is signed without asking anybody', async () => {
  const argv = ['token', '--scope', 'ops:read', 'ops:write', '--sub', 'dashboard']
  const { code, out } = await typed(argv)
  assert.equal(code, 0)
  const verdict = makeVerifyToken({ secret }, Date.now)(`Bearer ${out.trim()}`)
  const scopes = new Set(['ops:read', 'ops:write'])
  assert.deepEqual(verdict, { kind: 'operator', sub: 'dashboard', scopes })
})

describe('the secret in DATA_DIR', () => {
  test('is made once, however many ask at once, and only its owner reads it', async () => {
    await using folder = await openFolder()
    const dataDir = join(folder.path, 'data')
    assert.equal(await readOpsSecret(dataDir), undefined)
    const made = await Promise.all([1, 2, 3, 4].map(() => readOrMakeOpsSecret(dataDir)))
    assert.equal(new Set(made).size, 1)
    assert.equal(await readOpsSecret(dataDir), made[0])
    const { mode } = await stat(join(dataDir, 'ops-jwt-secret'))
    assert.equal(mode & 0o777, 0o600)
  })

  test('an empty file is no secret', async () => {
    await using folder = await openFolder()
    await writeFile(join(folder.path, 'ops-jwt-secret'), '')
    await assert.rejects(readOrMakeOpsSecret(folder.path), /is empty: remove it/)
  })
})

import assert from 'node:assert/strict'
import pg from 'pg'
import { test } from 'vitest'
import { StateRefused } from '../state-refused.ts'
import { toConnectionConfig } from './connection-config.ts'

const anyone = { rejectUnauthorized: false }

// prettier-ignore
const rows = [
  { says: 'this machine, by name: no TLS',                    url: 'postgres://u:p@localhost/d',                          ssl: false },
  { says: 'this machine, by address: no TLS',                 url: 'postgres://u:p@127.0.0.1:5433/d',                     ssl: false },
  { says: 'this machine, by the newer address: no TLS',       url: 'postgres://u:p@[::1]:5433/d',                         ssl: false },
  { says: 'a socket of this machine: no TLS',                 url: 'postgres:///d?host=/run/postgresql&user=u',              ssl: false },
  { says: 'another machine, as on Heroku: TLS, no chain',     url: 'postgres://u:p@ec2-1-2-3-4.amazonaws.com:5432/d',     ssl: anyone },
  { says: 'a name that only begins like this machine\'s',     url: 'postgres://u:p@localhost.example.com/d',              ssl: anyone },
  { says: 'sslmode=disable: no TLS, wherever it is',          url: 'postgres://u:p@db.example.com/d?sslmode=disable',     ssl: false },
  { says: 'sslmode=require: TLS, no chain, as with psql',     url: 'postgres://u:p@db.example.com/d?sslmode=require',     ssl: anyone },
  { says: 'sslmode=require is asked of this machine too',     url: 'postgres://u:p@localhost/d?sslmode=require',          ssl: anyone },
  { says: 'sslmode=verify-full: the chain and the name',      url: 'postgres://u:p@db.example.com/d?sslmode=verify-full', ssl: {} },
]

test.each(rows)('$says', ({ url, ssl }) => {
  const { user, database, ssl: asked } = readConfig(url)
  assert.deepEqual({ user, database, ssl: asked }, { user: 'u', database: 'd', ssl })
})

test('what is no address is refused, and not shown', () => {
  assert.throws(
    () => toConnectionConfig('//u:hunter2@db'),
    (error: unknown) => {
      assert(error instanceof StateRefused)
      assert.doesNotMatch(error.message, /hunter2/)
      return true
    },
  )
})

/** What the driver makes of it. */
function readConfig(url: string): { user?: unknown; database?: unknown; ssl?: unknown } {
  const client = new pg.Client(toConnectionConfig(url))
  // The driver's types do not name it; it is there to be looked at.
  return { user: client.user, database: client.database, ssl: (client as { ssl?: unknown }).ssl }
}

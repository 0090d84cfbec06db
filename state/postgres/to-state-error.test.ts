import assert from 'node:assert/strict'
import { DatabaseError } from 'pg'
import { test } from 'vitest'
import { mayTryAgain, toOpenError, toStateError } from './to-state-error.ts'

const saying = (code: string, message = 'hunter2') =>
  Object.assign(new DatabaseError(message, 0, 'error'), { code, detail: 'hunter2' })

// prettier-ignore
const rows = [
  { says: 'a unique key',                              error: saying('23505', 'key "a"'),   name: 'ConstraintBroken' },
  { says: 'a column that must not be null',            error: saying('23502', 'null'),      name: 'StatementFailed' },
  { says: 'a table that is not there',                 error: saying('42P01', 'no table'),  name: 'StatementFailed' },
  { says: 'too few parameters',                        error: saying('08P01', 'bind'),      name: 'StatementFailed' },
  { says: 'a value of the wrong kind: not quoted',     error: saying('22P02'),              name: 'StatementFailed' },
  { says: 'a cut connection',                          error: saying('08006', 'cut'),       name: 'StateUnavailable' },
  { says: 'a server that is told to stop',             error: saying('57P01', 'stopping'),  name: 'StateUnavailable' },
  { says: 'a server that is starting',                 error: saying('57P03', 'starting'),  name: 'StateUnavailable' },
  { says: 'a statement that took too long',            error: saying('57014', 'too long'),  name: 'StateUnavailable' },
  { says: 'too many connections',                      error: saying('53300', 'too many'),  name: 'StateUnavailable' },
  { says: 'a full disk',                               error: saying('53100', 'full'),      name: 'StateUnavailable' },
  { says: 'a standby that takes no writes',            error: saying('25006', 'read-only'), name: 'StateUnavailable' },
  { says: 'a deadlock, after many tries',              error: saying('40P01', 'deadlock'),  name: 'StateUnavailable' },
  { says: 'a password that was changed while we run',  error: saying('28P01', 'password'),  name: 'StateUnavailable' },
  { says: 'a socket that broke',                       error: new Error('ECONNRESET'),      name: 'StateUnavailable' },
  { says: 'what is no error',                          error: 'gone',                       name: 'StateUnavailable' },
]

test.each(rows)('$says is $name', ({ error, name }) => {
  const ours = toStateError(error, 'a write')
  assert.equal(ours.name, name)
  assert.equal(ours.retry, name === 'StateUnavailable' ? 'later' : 'never')
  assert.doesNotMatch(ours.message, /hunter2/)
})

test('where the state is opened, a wrong password and a database that is not there are refused', () => {
  assert.equal(toOpenError(saying('28P01', 'password')).name, 'StateRefused')
  assert.equal(toOpenError(saying('3D000', 'no database')).name, 'StateRefused')
  assert.equal(toOpenError(saying('57P03', 'starting')).name, 'StateUnavailable')
})

test('only a deadlock and a serialisation failure are tried again at once', () => {
  const codes = ['40P01', '40001', '23505', '57P01', '08006']
  assert.deepEqual(
    codes.filter((code) => mayTryAgain(saying(code))),
    ['40P01', '40001'],
  )
})

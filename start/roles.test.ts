import assert from 'node:assert/strict'
import { test } from 'vitest'
import { readRoles, roles } from './roles.ts'

const shared = {
  kafkaBrokers: ['kafka:9092'],
  databaseUrl: 'postgres://db/gateway',
  mode: 'real',
} as const
const embedded = { kafkaBrokers: [], databaseUrl: undefined, mode: 'real' } as const

test('no role named is all of them, wherever the stores are', () => {
  for (const settings of [shared, embedded]) {
    assert.deepEqual(readRoles([], settings), { kind: 'roles', roles })
    assert.deepEqual(readRoles(['reconciliation', 'gateway', 'consumers'], settings), {
      kind: 'roles',
      roles,
    })
  }
})

test('one or two roles by themselves need stores that processes share', () => {
  assert.deepEqual(readRoles(['consumers'], shared), { kind: 'roles', roles: ['consumers'] })
  assert.deepEqual(readRoles(['consumers', 'gateway'], shared), {
    kind: 'roles',
    roles: ['gateway', 'consumers'],
  })
  const tables = [
    [embedded, /set KAFKA_BROKERS \(or KAFKA_URL\) and DATABASE_URL, or name no role/],
    [{ ...shared, databaseUrl: undefined }, /set DATABASE_URL, or name no role/],
    [{ ...shared, kafkaBrokers: [] }, /set KAFKA_BROKERS \(or KAFKA_URL\), or name no role/],
    [{ ...shared, mode: 'sandbox' as const }, /The sandbox simulates both systems in one process/],
  ] as const
  for (const [settings, sentence] of tables) {
    const read = readRoles(['gateway'], settings)
    assert(read.kind === 'mistakes')
    assert.equal(read.mistakes.length, 1)
    assert.match(String(read.mistakes[0]), sentence)
  }
})

test('the sandbox stays away from a Kafka whose state it does not share', () => {
  const sandbox = { ...shared, mode: 'sandbox' } as const
  assert.equal(readRoles([], sandbox).kind, 'roles')
  const read = readRoles([], { ...sandbox, databaseUrl: undefined })
  assert(read.kind === 'mistakes')
  assert.match(String(read.mistakes[0]), /neither credentials nor DATABASE_URL/)
})

test('a word that is no role is told, each one, with those that there are', () => {
  const read = readRoles(['spectator', 'gateway', 'judge'], shared)
  assert(read.kind === 'mistakes')
  assert.deepEqual(
    read.mistakes.map((sentence) => /"(\w+)"/.exec(sentence)?.[1]),
    ['spectator', 'judge'],
  )
})

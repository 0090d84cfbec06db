import assert from 'node:assert/strict'
import { organisation } from './records.ts'
import { startHouse, type House } from './start-house.ts'

export const assignedTo = 'queue_entry[queue[name]]'

const users = [
  { firstName: 'Amy', lastName: 'Archer', username: 'amy.archer', email: 'amy@example.com' },
  { firstName: 'Ben', lastName: 'Booth', username: 'ben.booth', email: 'ben@example.com' },
  {
    firstName: 'Cora',
    lastName: 'Crane',
    username: 'cora.crane',
    email: 'cora@example.com',
    locked: true,
  },
  { firstName: 'Dev', lastName: 'Das', username: 'dev.das', email: 'dev@example.com' },
]

const queues = [
  'amy.archer',
  'ben.booth',
  'cora.crane',
  'Amy.Archer',
  'Amy Archer',
  'Ben Booth',
  'amy@example.com',
  'ben@example.com',
  'Sales North',
  'eve.east',
  'Unassigned',
]

export const startOwnedHouse = (owner?: object) =>
  startHouse({
    ...(owner && { config: { owner } }),
    outreach: { users },
    workbooks: { queues },
  })

export function userId(house: House, username: string): number {
  const user = house.outreach.person
    .list('user')
    .find(({ attributes }) => attributes['username'] === username)
  assert.ok(user, `there is no user ${username}`)
  return user.id
}

export function usernameOfOwner(house: House, o: number): unknown {
  const id = house.outreach.person.read('account', o)?.links['owner']?.id
  return id === undefined ? null : house.outreach.person.read('user', id)?.attributes['username']
}

export const setOwner = (house: House, o: number, username: string | null) =>
  house.outreach.person.update('account', o, {
    links: { owner: username === null ? null : userId(house, username) },
  })

export const queueOf = (house: House, w: number) => organisation(house, w)[assignedTo]
